package io.multisqs.broadcast;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What an instance's queue is to be like, and what has to be set on one that stood already. */
final class QueueAttributes {
  /** What is looked at on a queue that stood already. */
  static final List<QueueAttributeName> READ =
      List.of(
          QueueAttributeName.QUEUE_ARN,
          QueueAttributeName.CREATED_TIMESTAMP,
          QueueAttributeName.POLICY,
          QueueAttributeName.VISIBILITY_TIMEOUT,
          QueueAttributeName.MESSAGE_RETENTION_PERIOD,
          QueueAttributeName.DELAY_SECONDS,
          QueueAttributeName.MAXIMUM_MESSAGE_SIZE,
          QueueAttributeName.KMS_MASTER_KEY_ID);

  /** SNS's largest message, 256 KiB. A queue that takes less would lose some. */
  private static final long LARGEST_MESSAGE = 262_144;

  private final BroadcastOptions options;
  private final TopicArn topic;
  private final QueuePolicy policy;

  QueueAttributes(BroadcastOptions options, TopicArn topic, String name) {
    this.options = options;
    this.topic = topic;
    this.policy = new QueuePolicy(topic, name);
  }

  Map<QueueAttributeName, String> ofANewQueue() {
    Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);
    attributes.put(QueueAttributeName.POLICY, policy.json());
    attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, seconds(options.visibilityTimeout()));
    attributes.put(QueueAttributeName.MESSAGE_RETENTION_PERIOD, seconds(options.retention()));
    options.kmsKeyId().ifPresent(k -> attributes.put(QueueAttributeName.KMS_MASTER_KEY_ID, k));
    if (topic.isFifo()) {
      attributes.put(QueueAttributeName.FIFO_QUEUE, "true");
    }
    return attributes;
  }

  /** What has to be set. Attributes that are not spoken of here are none of this library's. */
  Map<QueueAttributeName, String> changes(Map<QueueAttributeName, String> now) {
    Map<QueueAttributeName, String> changes = new EnumMap<>(QueueAttributeName.class);
    must(QueueAttributeName.VISIBILITY_TIMEOUT, seconds(options.visibilityTimeout()), now, changes);
    must(QueueAttributeName.MESSAGE_RETENTION_PERIOD, seconds(options.retention()), now, changes);
    must(QueueAttributeName.DELAY_SECONDS, "0", now, changes);
    String size = now.get(QueueAttributeName.MAXIMUM_MESSAGE_SIZE);
    if (size != null && Long.parseLong(size) < LARGEST_MESSAGE) {
      changes.put(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, String.valueOf(LARGEST_MESSAGE));
    }
    options
        .kmsKeyId()
        .filter(key -> !key.equals(now.get(QueueAttributeName.KMS_MASTER_KEY_ID)))
        .ifPresent(key -> changes.put(QueueAttributeName.KMS_MASTER_KEY_ID, key));
    policy.extended(standing(now)).ifPresent(json -> changes.put(QueueAttributeName.POLICY, json));
    return changes;
  }

  private static void must(
      QueueAttributeName attribute,
      String value,
      Map<QueueAttributeName, String> now,
      Map<QueueAttributeName, String> changes) {
    // A server that does not report an attribute does not have it; SQS reports all of these.
    if (!value.equals(now.getOrDefault(attribute, value))) {
      changes.put(attribute, value);
    }
  }

  /** What others set that was not asked for, and that may be meant: it stays, and is told of. */
  List<String> remarks(Map<QueueAttributeName, String> now) {
    List<String> remarks = new ArrayList<>();
    String key = now.getOrDefault(QueueAttributeName.KMS_MASTER_KEY_ID, "");
    if (options.kmsKeyId().isEmpty() && !key.isEmpty()) {
      remarks.add("KmsMasterKeyId is " + key + ", though none was asked for, and stays");
    }
    for (String statement : policy.othersWhoMaySend(standing(now))) {
      remarks.add("Policy lets others send, by its statement " + statement + ", which stays");
    }
    return remarks;
  }

  private static Optional<String> standing(Map<QueueAttributeName, String> now) {
    // An empty one is how SQS wants it written that a policy is taken away.
    return Optional.ofNullable(now.get(QueueAttributeName.POLICY)).filter(json -> !json.isBlank());
  }

  private static String seconds(Duration time) {
    return String.valueOf(time.toSeconds());
  }
}
