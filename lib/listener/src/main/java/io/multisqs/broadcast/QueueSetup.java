package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.CreateQueueResponse;
import software.amazon.awssdk.services.sqs.model.ListQueueTagsResponse;
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

  /** A lease that is short by less is renewed soon enough; SQS tells its time in whole seconds. */
  private static final Duration CORRECTED = Duration.ofSeconds(10);

  /** How often a queue may vanish between being found and being used. */
  private static final int VANISHINGS = 5;

  /**
   * The queue as it stands now.
   *
   * @param url its URL
   * @param arn its ARN
   * @param createdAt when SQS says that it was created
   * @param created whether it was created now, and not taken over
   * @param formerTopics what it may still be subscribed to beside the topic
   * @param repairs what was not as it should be, and is now, or stays
   */
  record Made(
      String url,
      String arn,
      String createdAt,
      boolean created,
      List<String> formerTopics,
      List<String> repairs) {}

  private final SqsClient sqs;
  private final SqsTime time;
  private final BroadcastOptions options;
  private final TopicArn topic;
  private final String name;
  private final QueueAttributes attributes;
  private final ListenerClock clock;
  private final Pauses pauses;

  QueueSetup(
      SqsClient sqs,
      SqsTime time,
      BroadcastOptions options,
      TopicArn topic,
      String name,
      Pauses pauses) {
    this.sqs = sqs;
    this.time = time;
    this.options = options;
    this.topic = topic;
    this.name = name;
    this.attributes = new QueueAttributes(options, topic, name);
    this.clock = options.clock();
    this.pauses = pauses;
  }

  /**
   * Makes the queue stand, leased to this owner.
   *
   * @param revival whether the owner had it before: then it is not taken from another one that
   *     lives, and what was created is not deleted again on a failure, but seen to at the next try
   * @throws InterruptedException if interrupted, or ended, while it waits for SQS
   * @throws TakenOver at a revival, if another one has it, and its lease runs
   */
  Made establish(OwnerTags owner, boolean revival) throws InterruptedException {
    long waitUntil = clock.nanoTime() + DELETED_RECENTLY_LIMIT.toNanos();
    boolean told = false;
    for (int vanished = 0; ; ) {
      try {
        return createOrTakeOver(owner, revival);
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

  private Made createOrTakeOver(OwnerTags owner, boolean revival) throws InterruptedException {
    String url;
    try {
      CreateQueueResponse response =
          time.saw(
              sqs.createQueue(
                  r ->
                      r.queueName(name)
                          .attributes(attributes.ofANewQueue())
                          .tags(allTags(owner.leasedUntil(leaseEnd())))));
      url = response.queueUrl();
    } catch (QueueNameExistsException e) {
      url = sqs.getQueueUrl(r -> r.queueName(name)).queueUrl();
      return standing(url, owner, revival);
    }
    try {
      // A new queue is not to be used for a second (API reference, CreateQueue).
      pause(options.settleAfterCreate());
      return standing(url, owner, revival);
    } catch (InterruptedException | RuntimeException e) {
      if (!revival) {
        removeCreated(url, owner, e);
      }
      throw e;
    }
  }

  private Made standing(String url, OwnerTags owner, boolean revival) throws InterruptedException {
    ListQueueTagsResponse tagged = time.saw(sqs.listQueueTags(r -> r.queueUrl(url)));
    Optional<OwnerTags> before = OwnerTags.of(tagged.tags());
    if (before.isPresent() && before.get().sameOwner(owner)) {
      HeldQueues.created(url, owner.owner());
      correctLease(url, before.get());
      Map<QueueAttributeName, String> now = read(url);
      boolean created = before.get().madeAt().equals(owner.madeAt());
      log.info("queue {} stands for {}", name, topic.arn());
      return made(url, now, created, List.of(), List.of());
    }
    if (before.isEmpty() || !before.get().prefix().equals(options.prefix())) {
      throw new IllegalStateException(
          "queue "
              + name
              + " stands already and was not made for broadcasts with prefix "
              + options.prefix()
              + ": it was left as it is; choose another prefix or instance name");
    }
    return takeOver(url, before.get(), owner, revival);
  }

  /** The first answer of SQS told what time it is there, and that a slow clock wrote the lease. */
  private void correctLease(String url, OwnerTags now) {
    Instant end = leaseEnd();
    if (now.leaseUntil().filter(until -> until.plus(CORRECTED).isBefore(end)).isPresent()) {
      sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of(OwnerTags.LEASE_UNTIL, end.toString())));
    }
  }

  private Made takeOver(String url, OwnerTags before, OwnerTags owner, boolean revival)
      throws InterruptedException {
    boolean leased = before.leaseUntil().filter(until -> until.isBefore(time.earlier())).isEmpty();
    if (revival && leased) {
      throw new TakenOver();
    }
    if (!HeldQueues.take(url, owner.owner())) {
      throw new IllegalStateException(
          "queue "
              + name
              + " is open in this JVM already, subscribed to "
              + before.topicArn()
              + ": close that one first, and give each topic a prefix of its own");
    }
    if (leased) {
      log.warn(
          "queue {} is leased until {} by an instance of the same name: taken over, as that one has"
              + " probably died; if it lives, it gets nothing from now on but what it has received",
          name,
          before.leaseUntil().map(Instant::toString).orElse("an unreadable time"));
    }
    try {
      // First, so that a sweep that is at it sees that the queue is in use again.
      List<String> formers = formerTopics(before);
      OwnerTags tags = owner.on(before, formers.isEmpty() ? "" : formers.get(0));
      sqs.tagQueue(r -> r.queueUrl(url).tags(allTags(tags.leasedUntil(leaseEnd()))));
      Map<QueueAttributeName, String> now = read(url);
      List<String> repairs = repaired(url, now);
      log.info("took over queue {} for {}", name, topic.arn());
      return made(url, now, false, formers, repairs);
    } catch (InterruptedException | RuntimeException e) {
      if (!revival) {
        HeldQueues.release(url, owner.owner());
      }
      throw e;
    }
  }

  /** The one before, and one before that whose subscription could not be ended then. */
  private List<String> formerTopics(OwnerTags before) {
    return Stream.of(before.topicArn(), before.formerTopic())
        .filter(former -> !former.isEmpty() && !former.equals(topic.arn()))
        .distinct()
        .toList();
  }

  private List<String> repaired(String url, Map<QueueAttributeName, String> now)
      throws InterruptedException {
    Map<QueueAttributeName, String> changes = attributes.changes(now);
    List<String> repairs = new ArrayList<>();
    changes.forEach(
        (attribute, value) ->
            repairs.add(attribute + " was " + now.get(attribute) + ", is " + value));
    if (!changes.isEmpty()) {
      sqs.setQueueAttributes(r -> r.queueUrl(url).attributes(changes));
    }
    repairs.addAll(attributes.remarks(now));
    if (!repairs.isEmpty()) {
      log.warn("queue {} was not as configured: {}", name, repairs);
    }
    if (changes.containsKey(QueueAttributeName.POLICY)
        && !options.settleAfterPolicyChange().isZero()) {
      log.info(
          "waiting {} until the policy of queue {} is in effect in all of SQS",
          Rules.text(options.settleAfterPolicyChange()),
          name);
      pause(options.settleAfterPolicyChange());
    }
    return repairs;
  }

  /** Deletes a queue if this owner has created it, and not found it: its tags tell. */
  void removeCreated(String url, OwnerTags owner, Exception failure) {
    HeldQueues.release(url, owner.owner());
    try {
      Optional<OwnerTags> tags = OwnerTags.of(sqs.listQueueTags(r -> r.queueUrl(url)).tags());
      if (tags.filter(t -> t.sameOwner(owner) && t.madeAt().equals(owner.madeAt())).isPresent()) {
        sqs.deleteQueue(r -> r.queueUrl(url));
      }
    } catch (QueueDoesNotExistException e) {
      log.debug("queue {} is gone by itself", name);
    } catch (SdkException e) {
      failure.addSuppressed(e);
    }
  }

  private Made made(
      String url,
      Map<QueueAttributeName, String> now,
      boolean created,
      List<String> formerTopics,
      List<String> repairs) {
    return new Made(
        url,
        now.getOrDefault(QueueAttributeName.QUEUE_ARN, ""),
        now.getOrDefault(QueueAttributeName.CREATED_TIMESTAMP, ""),
        created,
        formerTopics,
        repairs);
  }

  Map<QueueAttributeName, String> read(String url) {
    return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributes.READ))
        .attributes();
  }

  /** This library's tags, and the user's own. */
  Map<String, String> allTags(OwnerTags owner) {
    Map<String, String> tags = new LinkedHashMap<>(options.tags());
    tags.putAll(owner.asMap());
    return tags;
  }

  Instant leaseEnd() {
    return time.later().plus(options.lease());
  }

  private void pause(Duration time) throws InterruptedException {
    if (!pauses.pause(time)) {
      throw new InterruptedException("queue " + name + " is being closed");
    }
  }
}
