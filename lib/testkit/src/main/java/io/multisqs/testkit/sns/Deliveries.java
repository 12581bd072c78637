package io.multisqs.testkit.sns;

import io.multisqs.testkit.sns.Publication.Attribute;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/** Sends what was published into the queues that subscribed to it, in order for each queue. */
final class Deliveries {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.testkit.LocalSns");

  /** SQS takes no more; SNS drops a raw delivery that has more. */
  private static final int MAX_ATTRIBUTES = 10;

  /**
   * A message on its way.
   *
   * @param published its id and sequence number
   * @param publication what was handed in
   */
  record Message(Topic.Published published, Publication publication) {}

  private final SqsClient sqs;
  private final Map<String, String> urls = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> delivered = new ConcurrentHashMap<>();
  private final AtomicLong dropped = new AtomicLong();

  Deliveries(SqsClient sqs) {
    this.sqs = sqs;
  }

  long delivered(String queueName) {
    LongAdder count = delivered.get(queueName);
    return count == null ? 0 : count.sum();
  }

  long dropped() {
    return dropped.get();
  }

  void deliver(List<Message> messages, List<Subscription> subscriptions) {
    for (Subscription subscription : subscriptions) {
      List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
      for (Message message : messages) {
        if (!subscription.wants(message.publication())) {
          continue;
        }
        if (subscription.raw() && message.publication().attributes().size() > MAX_ATTRIBUTES) {
          dropped.incrementAndGet();
          log.warn("a raw delivery with more than 10 attributes was dropped, as SNS does");
          continue;
        }
        entries.add(entry(String.valueOf(entries.size()), message, subscription));
      }
      if (!entries.isEmpty()) {
        send(subscription.queueName(), entries);
      }
    }
  }

  private void send(String queueName, List<SendMessageBatchRequestEntry> entries) {
    int taken = 0;
    try {
      // A queue that is deleted and created anew has the same URL.
      String url =
          urls.computeIfAbsent(
              queueName, name -> sqs.getQueueUrl(r -> r.queueName(name)).queueUrl());
      SendMessageBatchResponse answer = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
      taken = answer.successful().size();
    } catch (SdkException e) {
      log.warn("{} deliveries to {} were dropped: {}", entries.size(), queueName, e.getMessage());
    }
    delivered.computeIfAbsent(queueName, any -> new LongAdder()).add(taken);
    dropped.addAndGet(entries.size() - taken);
  }

  private static SendMessageBatchRequestEntry entry(
      String id, Message message, Subscription subscription) {
    Publication publication = message.publication();
    SendMessageBatchRequestEntry.Builder entry = SendMessageBatchRequestEntry.builder().id(id);
    if (subscription.raw()) {
      entry.messageBody(publication.message()).messageAttributes(sqs(publication.attributes()));
    } else {
      entry.messageBody(Envelope.json(message, subscription));
    }
    if (subscription.queueName().endsWith(".fifo")) {
      entry
          .messageGroupId(publication.groupId().orElseThrow())
          .messageDeduplicationId(publication.deduplicationId().orElseThrow());
    }
    return entry.build();
  }

  private static Map<String, MessageAttributeValue> sqs(Map<String, Attribute> attributes) {
    Map<String, MessageAttributeValue> out = new HashMap<>();
    attributes.forEach(
        (name, attribute) -> {
          MessageAttributeValue.Builder value =
              MessageAttributeValue.builder().dataType(attribute.type());
          if (attribute.isBinary()) {
            value.binaryValue(
                SdkBytes.fromByteArray(Base64.getDecoder().decode(attribute.value())));
          } else {
            value.stringValue(attribute.value());
          }
          out.put(name, value.build());
        });
    return out;
  }
}
