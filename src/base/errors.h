// SPDX-License-Identifier: Apache-2.0
// Every error that a caller can react to, in one list. Codes below 1000 are Kafka's own and go onto the wire
// as they are (Kafka protocol guide, "Error codes"); codes from 1000 on are ours and carry the Kafka code
// they are answered with.
#pragma once

#include <cstdint>
#include <string_view>

namespace ledge {

// clang-format off: one row a line
// name, code, code on the wire, retriable by a client, one sentence for people
#define LEDGE_ERRORS(X) \
  X(UnknownServerError, -1, -1, false, "The server met an unexpected error.") \
  X(None, 0, 0, false, "No error.") \
  X(OffsetOutOfRange, 1, 1, false, "The offset is not within the range that the log holds.") \
  X(CorruptMessage, 2, 2, true, "The records fail their checksum or are otherwise damaged.") \
  X(UnknownTopicOrPartition, 3, 3, true, "This server does not host this topic or partition.") \
  X(InvalidFetchSize, 4, 4, false, "The requested fetch size is invalid.") \
  X(LeaderNotAvailable, 5, 5, true, "The partition has no leader at the moment.") \
  X(NotLeaderOrFollower, 6, 6, true, "This server is not the leader of the partition.") \
  X(RequestTimedOut, 7, 7, true, "The request timed out.") \
  X(BrokerNotAvailable, 8, 8, false, "The broker is not available.") \
  X(ReplicaNotAvailable, 9, 9, true, "The replica is not available.") \
  X(MessageTooLarge, 10, 10, false, "The record batch is larger than max.message.bytes.") \
  X(StaleControllerEpoch, 11, 11, false, "The controller moved to another broker.") \
  X(OffsetMetadataTooLarge, 12, 12, false, "The offset's metadata string is too large.") \
  X(NetworkException, 13, 13, true, "The connection was lost before an answer came.") \
  X(CoordinatorLoadInProgress, 14, 14, true, "The coordinator is loading its state.") \
  X(CoordinatorNotAvailable, 15, 15, true, "The coordinator is not available.") \
  X(NotCoordinator, 16, 16, true, "This is not the right coordinator.") \
  X(InvalidTopicException, 17, 17, false, "The topic name is not valid, or the topic is internal.") \
  X(RecordListTooLarge, 18, 18, false, "The record batch is larger than a segment.") \
  X(NotEnoughReplicas, 19, 19, true, "There are fewer in-sync replicas than required.") \
  X(NotEnoughReplicasAfterAppend, 20, 20, true, "The records were written to fewer replicas than required.") \
  X(InvalidRequiredAcks, 21, 21, false, "acks must be -1, 0 or 1.") \
  X(IllegalGeneration, 22, 22, false, "The group generation is not the current one.") \
  X(InconsistentGroupProtocol, 23, 23, false, "The member's protocols do not fit those of the group.") \
  X(InvalidGroupId, 24, 24, false, "The group id is not valid.") \
  X(UnknownMemberId, 25, 25, false, "The group does not know this member.") \
  X(InvalidSessionTimeout, 26, 26, false, "The session timeout is out of range.") \
  X(RebalanceInProgress, 27, 27, false, "The group is rebalancing.") \
  X(InvalidCommitOffsetSize, 28, 28, false, "The offset commit is too large.") \
  X(TopicAuthorizationFailed, 29, 29, false, "Not authorised for the topic.") \
  X(GroupAuthorizationFailed, 30, 30, false, "Not authorised for the group.") \
  X(ClusterAuthorizationFailed, 31, 31, false, "Not authorised for the cluster.") \
  X(InvalidTimestamp, 32, 32, false, "The record's timestamp is out of the accepted range.") \
  X(UnsupportedSaslMechanism, 33, 33, false, "The SASL mechanism is not supported.") \
  X(IllegalSaslState, 34, 34, false, "The request is not valid in this SASL state.") \
  X(UnsupportedVersion, 35, 35, false, "The version of the API is not supported.") \
  X(TopicAlreadyExists, 36, 36, false, "A topic of this name exists.") \
  X(InvalidPartitions, 37, 37, false, "The number of partitions is not valid.") \
  X(InvalidReplicationFactor, 38, 38, false, "The replication factor is not valid.") \
  X(InvalidReplicaAssignment, 39, 39, false, "The replica assignment is not valid.") \
  X(InvalidConfig, 40, 40, false, "The configuration is not valid.") \
  X(NotController, 41, 41, true, "This is not the controller.") \
  X(InvalidRequest, 42, 42, false, "The request is malformed or contradicts itself.") \
  X(UnsupportedForMessageFormat, 43, 43, false, "The message format does not support this.") \
  X(PolicyViolation, 44, 44, false, "The request is against a policy of this server.") \
  X(OutOfOrderSequenceNumber, 45, 45, false, "The producer's sequence number is out of order.") \
  X(DuplicateSequenceNumber, 46, 46, false, "The producer's sequence number was seen before.") \
  X(InvalidProducerEpoch, 47, 47, false, "The producer's epoch is older than the known one.") \
  X(InvalidTxnState, 48, 48, false, "The transaction is in no state for this.") \
  X(InvalidProducerIdMapping, 49, 49, false, "The producer id does not belong to this transactional id.") \
  X(InvalidTransactionTimeout, 50, 50, false, "The transaction timeout is out of range.") \
  X(ConcurrentTransactions, 51, 51, true, "Another step of this transaction is in progress.") \
  X(TransactionCoordinatorFenced, 52, 52, false, "The transaction coordinator is outdated.") \
  X(TransactionalIdAuthorizationFailed, 53, 53, false, "Not authorised for the transactional id.") \
  X(SecurityDisabled, 54, 54, false, "Security features are switched off.") \
  X(OperationNotAttempted, 55, 55, false, "Not attempted, because another part of the request failed.") \
  X(KafkaStorageError, 56, 56, true, "The storage failed.") \
  X(LogDirNotFound, 57, 57, false, "The log directory is not known.") \
  X(SaslAuthenticationFailed, 58, 58, false, "Authentication failed.") \
  X(UnknownProducerId, 59, 59, false, "The producer id is not known.") \
  X(ReassignmentInProgress, 60, 60, false, "A partition reassignment is in progress.") \
  X(NonEmptyGroup, 68, 68, false, "The group is not empty.") \
  X(GroupIdNotFound, 69, 69, false, "The group does not exist.") \
  X(FetchSessionIdNotFound, 70, 70, true, "The fetch session is not known.") \
  X(InvalidFetchSessionEpoch, 71, 71, true, "The fetch session's epoch is not the expected one.") \
  X(ListenerNotFound, 72, 72, true, "The leader has no listener of this name.") \
  X(TopicDeletionDisabled, 73, 73, false, "Deleting topics is switched off.") \
  X(FencedLeaderEpoch, 74, 74, true, "The leader epoch in the request is older than the current one.") \
  X(UnknownLeaderEpoch, 75, 75, true, "The leader epoch in the request is newer than the current one.") \
  X(UnsupportedCompressionType, 76, 76, false, "The compression type is not supported here.") \
  X(OffsetNotAvailable, 78, 78, true, "The offset is not available yet.") \
  X(MemberIdRequired, 79, 79, false, "A member id has to be used to join.") \
  X(GroupMaxSizeReached, 81, 81, false, "The group is full.") \
  X(FencedInstanceId, 82, 82, false, "Another member took over this static instance id.") \
  X(EligibleLeadersNotAvailable, 83, 83, true, "No eligible leader is available.") \
  X(ElectionNotNeeded, 84, 84, true, "No election is needed.") \
  X(NoReassignmentInProgress, 85, 85, false, "No reassignment is in progress.") \
  X(GroupSubscribedToTopic, 86, 86, false, "The group is subscribed to the topic.") \
  X(InvalidRecord, 87, 87, false, "A record of the batch was rejected.") \
  X(UnstableOffsetCommit, 88, 88, true, "There are offsets whose transaction is not decided.") \
  X(ThrottlingQuotaExceeded, 89, 89, true, "The quota is exceeded.") \
  X(ProducerFenced, 90, 90, false, "A newer producer with the same transactional id exists.") \
  X(ResourceNotFound, 91, 91, false, "The resource does not exist.") \
  X(DuplicateResource, 92, 92, false, "The resource is named twice.") \
  X(UnknownTopicId, 100, 100, true, "This server does not host this topic id.") \
  X(InconsistentTopicId, 103, 103, true, "The topic id does not fit the topic name.") \
  X(InconsistentClusterId, 104, 104, false, "The cluster id is not that of this server.") \
  X(FetchSessionTopicIdError, 106, 106, true, "The fetch session mixes topic names and topic ids.") \
  X(FencedMemberEpoch, 110, 110, false, "The member's epoch is fenced.") \
  X(UnreleasedInstanceId, 111, 111, false, "The static instance id is still in use.") \
  X(UnsupportedAssignor, 112, 112, false, "The assignor is not supported.") \
  X(StaleMemberEpoch, 113, 113, false, "The member's epoch is stale.") \
  X(MismatchedEndpointType, 114, 114, false, "The request went to an endpoint of the wrong type.") \
  X(UnsupportedEndpointType, 115, 115, false, "The endpoint type is not supported.") \
  X(UnknownSubscriptionId, 117, 117, false, "The set of metrics is not the one that the client was told.") \
  X(TelemetryTooLarge, 118, 118, false, "The metrics are larger than what is taken.") \
  X(TransactionAbortable, 120, 120, false, "The transaction has to be aborted.") \
  X(InvalidRegularExpression, 128, 128, false, "The regular expression is not valid.") \
  X(RebootstrapRequired, 129, 129, false, "The client has to bootstrap again.") \
  /* Ours */ \
  X(Truncated, 1000, 42, false, "The input ends before what it announces.") \
  X(Malformed, 1001, 42, false, "The input breaks its format.") \
  X(LimitExceeded, 1002, 44, false, "A limit of this server is reached.") \
  X(JournalPoisoned, 1003, 56, true, \
    "A write or sync failed; nothing is accepted until a restart recovers.") \
  X(JournalDamaged, 1004, 56, false, "The journal is damaged at this place; the records there are lost.") \
  X(DiskFull, 1005, 56, true, "The disk is full.") \
  X(DiskFailed, 1006, 56, true, "The disk failed.") \
  X(NotFound, 1007, -1, false, "There is no such thing.") \
  X(InUse, 1008, -1, false, "Another process uses it.") \
  X(WrongFormatVersion, 1009, -1, false, "Written by a version whose format this one does not read.") \
  X(ConnectionFailed, 1010, 13, true, "The connection could not be made or was lost.") \
  X(ShuttingDown, 1011, 8, true, "The server is stopping.") \
  X(BadOption, 1012, 40, false, "The option is unknown or its value is not valid.")
// clang-format on

enum class ErrorCode : std::int16_t {
#define LEDGE_ERROR_ENUM(name, code, wire, retriable, text) name = code,
  LEDGE_ERRORS(LEDGE_ERROR_ENUM)
#undef LEDGE_ERROR_ENUM
};

/// The code that goes onto the Kafka wire for `code`.
std::int16_t wire_code(ErrorCode code);
/// The enumerator for a code read from the wire; UnknownServerError when the list has no such code.
ErrorCode error_from_wire(std::int16_t wire);
/// The enumerator's name in Kafka's spelling, e.g. "UNKNOWN_TOPIC_OR_PARTITION".
std::string_view error_name(ErrorCode code);
/// One sentence for people.
std::string_view error_text(ErrorCode code);
bool error_retriable(ErrorCode code);

}  // namespace ledge
