// SPDX-License-Identifier: Apache-2.0
#include "os/real_worker.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ledge::os {

namespace {

class RealWorker final : public Worker {
 public:
  RealWorker(Loop& loop, const char* name) : loop_(loop), name_(name) {}

  ~RealWorker() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void submit(Callback job, Callback done) override {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(job), std::move(done)});
      if (!thread_.joinable()) start();
    }
    wake_.notify_one();
  }

 private:
  struct Job {
    Callback run, done;
  };

  /// With the first job, so that an idle program has one thread. Signals stay with the loop's thread.
  void start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_setname_np(thread_.native_handle(), name_);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.run();
      job.run = nullptr;  // what the job holds is let go of here, before its completion is seen
      loop_.post(std::move(job.done));
      lock.lock();
    }
  }

  Loop& loop_;
  const char* name_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Worker> make_real_worker(Loop& loop, const char* name) {
  return std::make_unique<RealWorker>(loop, name);
}

}  // namespace ledge::os
