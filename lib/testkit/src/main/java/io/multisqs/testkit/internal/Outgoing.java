package io.multisqs.testkit.internal;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** Makes a message for the wire, with the attributes that a receive asked for. */
final class Outgoing {

  private final Time time;
  private final QueueState queue;
  private final Set<String> systemNames;
  private final Set<String> names;

  Outgoing(Time time, QueueState queue, ReceiveMessageRequest request) {
    this.time = time;
    this.queue = queue;
    this.systemNames = new HashSet<>(request.messageSystemAttributeNamesAsStrings());
    this.systemNames.addAll(olderNames(request));
    this.names = new HashSet<>(request.messageAttributeNames());
  }

  // Callers that ask with the older parameter are served as SQS serves them.
  @SuppressWarnings("deprecation")
  private static List<String> olderNames(ReceiveMessageRequest request) {
    return request.attributeNamesAsStrings();
  }

  Message message(StoredMessage message) {
    Message.Builder out =
        Message.builder()
            .messageId(message.id)
            .receiptHandle(new Receipt(queue.name, message.id, message.receipt).handle())
            .body(message.body)
            .md5OfBody(Digests.md5(message.body));
    Map<MessageSystemAttributeName, String> system = systemAttributes(message);
    if (!system.isEmpty()) {
      out.attributes(system);
    }
    Map<String, MessageAttributeValue> attributes = new TreeMap<>(message.attributes);
    attributes.keySet().removeIf(name -> !isAsked(name));
    if (!attributes.isEmpty()) {
      out.messageAttributes(attributes).md5OfMessageAttributes(Digests.md5(attributes));
    }
    return out.build();
  }

  private Map<MessageSystemAttributeName, String> systemAttributes(StoredMessage message) {
    Map<MessageSystemAttributeName, @Nullable String> all =
        new EnumMap<>(MessageSystemAttributeName.class);
    all.put(MessageSystemAttributeName.SENDER_ID, "in-memory");
    all.put(MessageSystemAttributeName.SENT_TIMESTAMP, millis(message.sentAt));
    all.put(
        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
        Integer.toString(message.receiveCount));
    all.put(
        MessageSystemAttributeName.APPROXIMATE_FIRST_RECEIVE_TIMESTAMP,
        millis(message.firstReceivedAt));
    all.put(MessageSystemAttributeName.MESSAGE_GROUP_ID, message.groupId);
    all.put(MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID, message.deduplicationId);
    all.put(
        MessageSystemAttributeName.SEQUENCE_NUMBER, queue.fifo() ? message.sequenceNumber() : null);
    all.put(MessageSystemAttributeName.AWS_TRACE_HEADER, message.traceHeader);
    all.put(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN, message.deadLetterSource);
    Map<MessageSystemAttributeName, String> asked = new EnumMap<>(MessageSystemAttributeName.class);
    all.forEach(
        (name, value) -> {
          if (value != null
              && (systemNames.contains("All") || systemNames.contains(name.toString()))) {
            asked.put(name, value);
          }
        });
    return asked;
  }

  private boolean isAsked(String name) {
    return names.stream()
        .anyMatch(
            asked ->
                asked.equals("All")
                    || asked.equals(name)
                    || (asked.endsWith(".*")
                        && name.startsWith(asked.substring(0, asked.length() - 2))));
  }

  private String millis(long nanoTime) {
    return Long.toString(time.at(nanoTime).toEpochMilli());
  }
}
