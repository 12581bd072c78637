package io.multisqs.internal;

import io.multisqs.QueueAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * Sends a message to its queue's dead-letter queue now, with body and attributes and where it came
 * from. The caller deletes it after that, in this order: a crash between the two leaves two copies,
 * never none.
 */
final class DeadLetters {
  /** SQS takes ten message attributes at most (developer guide, message metadata). */
  private static final int MAX_ATTRIBUTES = 10;

  private final Map<String, String> urls = new ConcurrentHashMap<>();

  void send(Delivery delivery, Throwable failure) {
    Lane lane = delivery.lane;
    String arn = lane.source().deadLetterArn();
    if (arn == null) {
      throw new IllegalStateException(
          "queue "
              + lane
              + " has no dead-letter queue: set its RedrivePolicy, or another retry policy");
    }
    QueueAddress target = QueueAddress.parse(arn);
    SqsGateway gateway = lane.source().gateway();
    // A dead-letter queue is in its source's region and account (developer guide), so one client.
    String url = urls.get(arn);
    if (url == null) {
      url = gateway.queueUrl(target.name(), target.ownerAccountId());
      urls.put(arn, url);
    }
    Map<String, MessageAttributeValue> attributes =
        new LinkedHashMap<>(delivery.message.attributes());
    note(attributes, "multisqs.source", lane.source().arn());
    note(attributes, "multisqs.messageId", delivery.id());
    note(attributes, "multisqs.failure", failure.getClass().getName());
    gateway.send(
        url,
        delivery.message.body(),
        attributes,
        delivery.message.group().orElse(null),
        // The message's id, the same for every try of it: its own deduplication id may be
        // another's.
        target.isFifo() ? delivery.id() : null);
  }

  private static void note(
      Map<String, MessageAttributeValue> attributes, String name, String value) {
    if (attributes.size() < MAX_ATTRIBUTES) {
      attributes.putIfAbsent(
          name, MessageAttributeValue.builder().dataType("String").stringValue(value).build());
    }
  }
}
