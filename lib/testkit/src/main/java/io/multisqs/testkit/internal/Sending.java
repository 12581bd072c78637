package io.multisqs.testkit.internal;

import io.multisqs.testkit.Fault;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** Sends messages. Called with the server's lock held. */
public final class Sending {

  private final Server server;

  public Sending(Server server) {
    this.server = server;
  }

  public Answer<SendMessageResponse> send(SendMessageRequest request) {
    StoredMessage message = accept(server.at(request.queueUrl()), request);
    return Answer.of(
        SendMessageResponse.builder()
            .messageId(message.id)
            .md5OfMessageBody(Digests.md5(message.body))
            .md5OfMessageAttributes(Digests.md5(message.attributes))
            .sequenceNumber(server.at(request.queueUrl()).fifo() ? message.sequenceNumber() : null)
            .build());
  }

  public Answer<SendMessageBatchResponse> sendBatch(
      SendMessageBatchRequest request, @Nullable Fault fault) {
    QueueState queue = server.at(request.queueUrl());
    List<SendMessageBatchRequestEntry> entries = request.entries();
    Limits.checkBatch(entries.stream().map(SendMessageBatchRequestEntry::id).toList());
    long bytes = bytes(entries);
    if (bytes > Limits.BATCH_BYTES) {
      throw SqsErrors.batchTooLong(bytes, Limits.BATCH_BYTES);
    }
    Batch<SendMessageBatchResultEntry> batch =
        Batch.run(
            entries,
            SendMessageBatchRequestEntry::id,
            fault,
            entry -> resultOf(entry, queue, accept(queue, single(entry))));
    return batch.answer(
        SendMessageBatchResponse.builder()
            .successful(batch.successful())
            .failed(batch.failed())
            .build());
  }

  public static long bytes(List<SendMessageBatchRequestEntry> entries) {
    return entries.stream()
        .mapToLong(entry -> Limits.bytes(entry.messageBody(), entry.messageAttributes()))
        .sum();
  }

  private StoredMessage accept(QueueState queue, SendMessageRequest request) {
    Map<String, MessageAttributeValue> attributes = request.messageAttributes();
    Limits.checkMessage(request.messageBody(), attributes, queue.settings.maxMessageBytes());
    Limits.checkToken("MessageGroupId", request.messageGroupId());
    Limits.checkToken("MessageDeduplicationId", request.messageDeduplicationId());
    return queue.fifo() ? acceptFifo(queue, request) : acceptStandard(queue, request);
  }

  private StoredMessage acceptStandard(QueueState queue, SendMessageRequest request) {
    if (request.messageDeduplicationId() != null) {
      throw SqsErrors.invalidParameter(
          "The request include parameter MessageDeduplicationId which is not valid for this queue"
              + " type");
    }
    int delay =
        Limits.within(
            "DelaySeconds",
            request.delaySeconds(),
            0,
            Limits.DELAY_SECONDS,
            queue.settings.delaySeconds());
    StoredMessage message = message(request, delay, null);
    server.put(queue, message);
    return message;
  }

  private StoredMessage acceptFifo(QueueState queue, SendMessageRequest request) {
    if (request.messageGroupId() == null) {
      throw SqsErrors.missingParameter("MessageGroupId");
    }
    Integer delay = request.delaySeconds();
    if (delay != null && delay != 0) {
      throw SqsErrors.invalidParameter(
          "Value %d for parameter DelaySeconds is invalid. Reason: The request include parameter"
                  .formatted(delay)
              + " that is not valid for this queue type.");
    }
    String id = deduplicationId(queue, request);
    String key = queue.settings.deduplicatesByGroup() ? request.messageGroupId() + ' ' + id : id;
    StoredMessage twin = queue.deduplication.find(key, server.time.nanoTime());
    if (twin != null) {
      return twin;
    }
    StoredMessage message = message(request, queue.settings.delaySeconds(), id);
    queue.deduplication.remember(key, message);
    server.put(queue, message);
    return message;
  }

  private static String deduplicationId(QueueState queue, SendMessageRequest request) {
    String given = request.messageDeduplicationId();
    if (given != null) {
      return given;
    }
    if (!queue.settings.contentBasedDeduplication()) {
      throw SqsErrors.invalidParameter(
          "The queue should either have ContentBasedDeduplication enabled or"
              + " MessageDeduplicationId provided explicitly");
    }
    return Digests.sha256(request.messageBody());
  }

  private StoredMessage message(
      SendMessageRequest request, int delaySeconds, @Nullable String deduplicationId) {
    long now = server.time.nanoTime();
    MessageSystemAttributeValue trace =
        request.messageSystemAttributes().get(MessageSystemAttributeNameForSends.AWS_TRACE_HEADER);
    return new StoredMessage(
        server.nextMessageId(),
        request.messageBody(),
        Map.copyOf(request.messageAttributes()),
        trace == null ? null : trace.stringValue(),
        request.messageGroupId(),
        deduplicationId,
        now,
        now + QueueSettings.nanos(delaySeconds),
        server.nextNumber(),
        null);
  }

  private static SendMessageRequest single(SendMessageBatchRequestEntry entry) {
    return SendMessageRequest.builder()
        .messageBody(entry.messageBody())
        .messageAttributes(entry.messageAttributes())
        .messageSystemAttributes(entry.messageSystemAttributes())
        .delaySeconds(entry.delaySeconds())
        .messageGroupId(entry.messageGroupId())
        .messageDeduplicationId(entry.messageDeduplicationId())
        .build();
  }

  private static SendMessageBatchResultEntry resultOf(
      SendMessageBatchRequestEntry entry, QueueState queue, StoredMessage message) {
    return SendMessageBatchResultEntry.builder()
        .id(entry.id())
        .messageId(message.id)
        .md5OfMessageBody(Digests.md5(message.body))
        .md5OfMessageAttributes(Digests.md5(message.attributes))
        .sequenceNumber(queue.fifo() ? message.sequenceNumber() : null)
        .build();
  }
}
