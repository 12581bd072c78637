package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDeletedRecentlyException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;

/** Creates an instance's queue, or takes over the one that the instance left behind. */
final class QueueSetup {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** SQS wants 60 s between deleting a queue and creating its namesake, and may be a bit late. */
  private static final Duration DELETED_RECENTLY_LIMIT = Duration.ofSeconds(75);

  private static final Duration DELETED_RECENTLY_RETRY = Duration.ofSeconds(5);

  /** How often a queue may vanish between being found and being used. */
  private static final int VANISHINGS = 5;

  /**
   * The queue as it stands now.
   *
   * @param url its URL
   * @param arn its ARN
   * @param created whether it was created now, and not taken over
   * @param formerTopic what it was subscribed to before, if that was another topic
   * @param repairs what was not as it should be, and is now
   */
  record Made(
      String url,
      String arn,
      boolean created,
      Optional<String> formerTopic,
      List<String> repairs) {}

  private final SqsClient sqs;
  private final BroadcastOptions options;
  private final TopicArn topic;
  private final String name;
  private final QueuePolicy policy;
  private final ListenerClock clock;
  private final Pauses pauses;

  QueueSetup(SqsClient sqs, BroadcastOptions options, TopicArn topic, String name, Pauses pauses) {
    this.sqs = sqs;
    this.options = options;
    this.topic = topic;
    this.name = name;
    this.policy = new QueuePolicy(topic, name);
    this.clock = options.clock();
    this.pauses = pauses;
  }

  /**
   * Makes the queue stand, leased to this owner.
   *
   * @throws InterruptedException if interrupted, or ended, while it waits for SQS
   */
  Made establish(OwnerTags owner) throws InterruptedException {
    long waitUntil = clock.nanoTime() + DELETED_RECENTLY_LIMIT.toNanos();
    boolean told = false;
    for (int vanished = 0; ; ) {
      try {
        return createOrTakeOver(owner);
      } catch (QueueDeletedRecentlyException e) {
        if (clock.nanoTime() - waitUntil >= 0) {
          throw e;
        }
        if (!told) {
          log.info(
              "queue {} was deleted less than 60 s ago, and SQS creates no other of that name"
                  + " before; trying again every {} for up to {}",
              name,
              Rules.text(DELETED_RECENTLY_RETRY),
              Rules.text(DELETED_RECENTLY_LIMIT));
          told = true;
        }
        pause(DELETED_RECENTLY_RETRY);
      } catch (QueueDoesNotExistException e) {
        // A sweep was faster, or the queue is so new that not all of SQS knows it.
        if (++vanished == VANISHINGS) {
          throw e;
        }
        pause(options.settleAfterCreate());
      }
    }
  }

  private Made createOrTakeOver(OwnerTags owner) throws InterruptedException {
    Map<String, String> tags = new LinkedHashMap<>(options.tags());
    tags.putAll(owner.leasedUntil(leaseEnd()).asMap());
    String url;
    try {
      url = sqs.createQueue(r -> r.queueName(name).attributes(attributes()).tags(tags)).queueUrl();
      // A new queue is not to be used for a second (API reference, CreateQueue).
      pause(options.settleAfterCreate());
    } catch (QueueNameExistsException e) {
      url = sqs.getQueueUrl(r -> r.queueName(name)).queueUrl();
    }
    String found = url;
    Map<String, String> itsTags = sqs.listQueueTags(r -> r.queueUrl(found)).tags();
    Optional<OwnerTags> before = OwnerTags.of(itsTags);
    if (before.isPresent() && before.get().owner().equals(owner.owner())) {
      String arn = attributes(url).getOrDefault(QueueAttributeName.QUEUE_ARN, "");
      log.info("created queue {} for {}", name, topic.arn());
      return new Made(url, arn, true, Optional.empty(), List.of());
    }
    if (before.isEmpty() || !before.get().prefix().equals(options.prefix())) {
      throw new IllegalStateException(
          "queue "
              + name
              + " stands already and was not made for broadcasts with prefix "
              + options.prefix()
              + ": it was left as it is; choose another prefix or instance name");
    }
    return takeOver(url, before.get(), owner);
  }

  private Made takeOver(String url, OwnerTags before, OwnerTags owner) throws InterruptedException {
    before
        .leaseUntil()
        .filter(until -> until.isAfter(clock.instant()))
        .ifPresent(
            until ->
                log.warn(
                    "queue {} is leased until {} by an instance of the same name: taken over, as"
                        + " that one has probably died; if it lives, the two share the messages",
                    name,
                    until));
    Map<QueueAttributeName, String> now = attributes(url);
    Map<QueueAttributeName, String> changes = drift(now);
    List<String> repairs = new ArrayList<>();
    changes.forEach(
        (attribute, value) ->
            repairs.add(attribute + " was " + now.get(attribute) + ", is " + value));
    if (!changes.isEmpty()) {
      sqs.setQueueAttributes(r -> r.queueUrl(url).attributes(changes));
      log.warn("queue {} was not as configured, and is now: {}", name, repairs);
    }
    Map<String, String> tags = new LinkedHashMap<>(options.tags());
    tags.putAll(owner.madeAt(before.madeAt()).leasedUntil(leaseEnd()).asMap());
    sqs.tagQueue(r -> r.queueUrl(url).tags(tags));
    log.info("took over queue {} for {}", name, topic.arn());
    if (changes.containsKey(QueueAttributeName.POLICY)
        && !options.settleAfterPolicyChange().isZero()) {
      log.info(
          "waiting {} until the policy of queue {} is in effect in all of SQS",
          Rules.text(options.settleAfterPolicyChange()),
          name);
      pause(options.settleAfterPolicyChange());
    }
    return new Made(
        url,
        now.getOrDefault(QueueAttributeName.QUEUE_ARN, ""),
        false,
        Optional.of(before.topicArn()).filter(former -> !former.equals(topic.arn())),
        repairs);
  }

  private Map<QueueAttributeName, String> attributes(String url) {
    return sqs.getQueueAttributes(
            r ->
                r.queueUrl(url)
                    .attributeNames(
                        QueueAttributeName.QUEUE_ARN,
                        QueueAttributeName.POLICY,
                        QueueAttributeName.VISIBILITY_TIMEOUT,
                        QueueAttributeName.MESSAGE_RETENTION_PERIOD,
                        QueueAttributeName.KMS_MASTER_KEY_ID))
        .attributes();
  }

  /** What has to be set on an existing queue. Other attributes are none of this library's. */
  private Map<QueueAttributeName, String> drift(Map<QueueAttributeName, String> now) {
    Map<QueueAttributeName, String> changes = new EnumMap<>(QueueAttributeName.class);
    Map<QueueAttributeName, String> wanted = attributes();
    for (QueueAttributeName same :
        List.of(
            QueueAttributeName.VISIBILITY_TIMEOUT, QueueAttributeName.MESSAGE_RETENTION_PERIOD)) {
      String value = wanted.get(same);
      // A server that does not report an attribute does not have it; SQS reports both.
      if (value != null && now.containsKey(same) && !value.equals(now.get(same))) {
        changes.put(same, value);
      }
    }
    options
        .kmsKeyId()
        .filter(key -> !key.equals(now.get(QueueAttributeName.KMS_MASTER_KEY_ID)))
        .ifPresent(key -> changes.put(QueueAttributeName.KMS_MASTER_KEY_ID, key));
    policy
        .extended(Optional.ofNullable(now.get(QueueAttributeName.POLICY)))
        .ifPresent(json -> changes.put(QueueAttributeName.POLICY, json));
    return changes;
  }

  private Map<QueueAttributeName, String> attributes() {
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

  private static String seconds(Duration time) {
    return String.valueOf(time.toSeconds());
  }

  Instant leaseEnd() {
    return clock.instant().plus(options.lease());
  }

  private void pause(Duration time) throws InterruptedException {
    if (!pauses.pause(time)) {
      throw new InterruptedException("queue " + name + " is being closed");
    }
  }
}
