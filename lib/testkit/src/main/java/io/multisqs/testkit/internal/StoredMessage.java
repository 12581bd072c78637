package io.multisqs.testkit.internal;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * A message in a queue. What can change is guarded by the server's lock; what {@link Backlog} sorts
 * by is changed by it alone.
 */
final class StoredMessage {

  final String id;
  final String body;
  final Map<String, MessageAttributeValue> attributes;
  final @Nullable String traceHeader;
  final @Nullable String groupId;
  final @Nullable String deduplicationId;
  final long sentAt;

  /** The order of arrival in its queue; on a FIFO queue the sequence number. */
  final long arrival;

  /** The ARN of the queue it was dead-lettered from. */
  final @Nullable String deadLetterSource;

  // Backlog's own.
  long visibleAt;
  boolean inFlight;

  int receiveCount;
  long firstReceivedAt;
  long receivedAt;

  /** The number of the only receipt handle that is not outdated; 0 if there is none. */
  long receipt;

  StoredMessage(
      String id,
      String body,
      Map<String, MessageAttributeValue> attributes,
      @Nullable String traceHeader,
      @Nullable String groupId,
      @Nullable String deduplicationId,
      long sentAt,
      long visibleAt,
      long arrival,
      @Nullable String deadLetterSource) {
    this.id = id;
    this.body = body;
    this.attributes = attributes;
    this.traceHeader = traceHeader;
    this.groupId = groupId;
    this.deduplicationId = deduplicationId;
    this.sentAt = sentAt;
    this.visibleAt = visibleAt;
    this.arrival = arrival;
    this.deadLetterSource = deadLetterSource;
  }

  /** The same message as it arrives in another queue. */
  StoredMessage moved(long newSentAt, long now, long newArrival, @Nullable String source) {
    StoredMessage moved =
        new StoredMessage(
            id,
            body,
            attributes,
            traceHeader,
            groupId,
            deduplicationId,
            newSentAt,
            now,
            newArrival,
            source);
    moved.receiveCount = receiveCount;
    moved.firstReceivedAt = firstReceivedAt;
    return moved;
  }

  String sequenceNumber() {
    return "%020d".formatted(arrival);
  }

  long bytes() {
    return Limits.bytes(body, attributes);
  }
}
