// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "os/system.h"

namespace ledge::os {
namespace {

class RealDisk : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("ledge_disk_" + std::to_string(process_id())) / "below";
    auto opened = open_directory(path_.string());
    ASSERT_TRUE(opened) << opened.error().text();
    directory_ = *std::move(opened);
  }
  void TearDown() override { std::filesystem::remove_all(path_.parent_path()); }

  std::filesystem::path path_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(RealDisk, WhatIsWrittenInPiecesIsReadBack) {
  auto file = directory_->create("segment");
  ASSERT_TRUE(file);
  std::vector<Bytes> owned;
  std::vector<ByteView> pieces;
  Bytes expected(10, 0);
  for (int i = 0; i < 700; ++i) {  // more than one call takes
    owned.emplace_back(static_cast<std::size_t>(i % 17), static_cast<std::uint8_t>(i));
    expected.insert(expected.end(), owned.back().begin(), owned.back().end());
  }
  for (const Bytes& each : owned) pieces.emplace_back(each);
  ASSERT_TRUE((*file)->write_at(10, pieces));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(directory_->sync_names());

  auto again = directory_->open("segment");
  ASSERT_TRUE(again);
  Bytes read(expected.size() + 100);
  auto n = (*again)->read_at(0, read);
  ASSERT_TRUE(n);
  EXPECT_EQ(*n, expected.size());
  read.resize(*n);
  EXPECT_EQ(read, expected);
  EXPECT_EQ(*(*again)->size(), expected.size());

  Bytes cached(expected.size());
  auto warm = (*again)->read_cached(0, cached);
  ASSERT_TRUE(warm);
  EXPECT_LE(*warm, cached.size());
  EXPECT_TRUE(
      std::equal(cached.begin(), cached.begin() + static_cast<std::ptrdiff_t>(*warm), expected.begin()));
}

TEST_F(RealDisk, FreshlyWrittenBytesAreInThePageCache) {
  auto file = directory_->create("warm");
  ASSERT_TRUE(file);
  const Bytes content(100'000, 1);
  const ByteView piece{content};
  ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
  EXPECT_TRUE((*file)->is_cached(0, 100'000));
  EXPECT_TRUE((*file)->is_cached(5000, 1));
  EXPECT_FALSE((*file)->is_cached(0, 10'000'000)) << "pages that do not exist are in no cache";
}

TEST_F(RealDisk, AllocatedSpaceIsZeroAndKeepsWhatIsThere) {
  auto file = directory_->create("segment");
  ASSERT_TRUE(file);
  const ByteView piece = as_bytes("here already");
  ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
  ASSERT_TRUE((*file)->allocate(1 << 20));
  EXPECT_EQ(*(*file)->size(), 1u << 20);
  Bytes read(64, 9);
  ASSERT_TRUE((*file)->read_at(0, read));
  EXPECT_EQ(as_text(read).substr(0, 12), "here already");
  EXPECT_EQ(read[12], 0);
  ASSERT_TRUE((*file)->truncate(5));
  EXPECT_EQ(*(*file)->size(), 5u);
}

TEST_F(RealDisk, NamesAreListedSortedWithoutFolders) {
  ASSERT_TRUE(directory_->create("b"));
  ASSERT_TRUE(directory_->create("a"));
  std::filesystem::create_directory(path_ / "folder");
  EXPECT_EQ(*directory_->list(), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(directory_->rename("b", "c"));
  ASSERT_TRUE(directory_->remove("a"));
  EXPECT_EQ(*directory_->list(), (std::vector<std::string>{"c"}));
  EXPECT_GT(directory_->space()->total_bytes, 0u);
}

TEST_F(RealDisk, ThePathIsAbsoluteHoweverItWasGiven) {
  EXPECT_EQ(directory_->path(), path_.string());
  const auto relative = std::filesystem::relative(path_);
  EXPECT_EQ((*open_directory(relative.string()))->path(), path_.string());
}

TEST_F(RealDisk, ErrorsSayWhatKindTheyAreAndNameTheFile) {
  auto missing = directory_->open("missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_NE(missing.error().detail.find("below/missing"), std::string::npos);
  ASSERT_TRUE(directory_->create("there"));
  auto second = directory_->create("there");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::InUse);
}

TEST_F(RealDisk, AWriteThatReachesALimitIsAFullDisk) {
  auto file = directory_->create("limited");
  ASSERT_TRUE(file);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const Bytes content(6000, 1);  // the first call writes a part, the next one fails
  const ByteView piece{content};
  auto written = (*file)->write_at(0, {&piece, 1});
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::DiskFull);
}

TEST_F(RealDisk, ASecondLockOfAFolderIsRefusedAndNamesTheHolder) {
  auto lock = lock_folder(path_.string());
  ASSERT_TRUE(lock) << lock.error().text();
  auto second = lock_folder(path_.string());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::InUse);
  EXPECT_NE(second.error().detail.find(std::to_string(process_id())), std::string::npos);
  lock->reset();
  EXPECT_TRUE(lock_folder(path_.string()));
}

TEST_F(RealDisk, WholeFilesAreReadUpToALimit) {
  auto file = directory_->create("text");
  ASSERT_TRUE(file);
  const ByteView piece = as_bytes("hello");
  ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
  EXPECT_EQ(*read_whole_file((path_ / "text").string(), 5), "hello");
  EXPECT_EQ(read_whole_file((path_ / "text").string(), 4).error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(read_whole_file((path_ / "none").string(), 4).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace ledge::os
