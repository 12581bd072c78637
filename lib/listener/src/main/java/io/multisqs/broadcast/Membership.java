package io.multisqs.broadcast;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ListQueueTagsResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * An instance's queue and its subscription, as one: made, looked at, brought back, and ended. Its
 * steps are called by one thread at a time.
 */
final class Membership {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** For so long the word of a sweep that it is about to remove a queue means something. */
  private static final Duration SWEEP_COUNTS = Duration.ofMinutes(1);

  /** How long a sweep takes from its last look to its deletion, and more. */
  private static final Duration SWEEP_ENDS = Duration.ofSeconds(5);

  /** How often a queue may be swept while it is being taken over. */
  private static final int SWEEPS = 3;

  /** Whose the queue is, by its tags. */
  enum Holder {
    /** This one's. */
    OURS,
    /** This one's, but somebody took its tags off. */
    UNTAGGED,
    /** Another's. */
    ANOTHERS,
    /** Another's whose lease ran out. */
    DEADS
  }

  /** The queue and the subscription as they stand. */
  record Standing(QueueSetup.Made queue, String subscriptionArn, List<String> repairs) {}

  private final SqsClient sqs;
  private final SqsTime time;
  private final TopicSubscriptions subscriptions;
  private final BroadcastOptions options;
  private final TopicArn topic;
  private final String name;
  private final OwnerTags tags;
  private final Pauses pauses;
  private final QueueSetup setup;
  private volatile @Nullable Standing standing;

  Membership(
      SqsClient sqs,
      TopicSubscriptions subscriptions,
      BroadcastOptions options,
      TopicArn topic,
      String name,
      Pauses pauses) {
    this.sqs = sqs;
    this.time = new SqsTime(options.clock()::instant);
    this.subscriptions = subscriptions;
    this.options = options;
    this.topic = topic;
    this.name = name;
    this.tags = OwnerTags.of(options, topic);
    this.pauses = pauses;
    this.setup = new QueueSetup(sqs, time, options, topic, name, pauses);
  }

  Standing standing() {
    Standing now = standing;
    if (now == null) {
      throw new IllegalStateException("queue " + name + " does not stand yet");
    }
    return now;
  }

  String url() {
    return standing().queue().url();
  }

  /** Makes both stand; what was made is taken away again if that fails. */
  void begin() throws InterruptedException {
    try {
      standing = join(false);
    } catch (TakenOver e) {
      throw new IllegalStateException(
          "queue " + name + " was taken over by another process of the same instance name", e);
    }
  }

  /** Makes both stand again; {@link TakenOver} if another one has the queue by now. */
  void bringBack() throws InterruptedException {
    standing = join(true);
  }

  void subscribeAgain() {
    Standing now = standing();
    TopicSubscriptions.Subscribed again =
        subscriptions.subscribe(topic.arn(), now.queue().arn(), options);
    standing = new Standing(now.queue(), again.arn(), now.repairs());
  }

  private Standing join(boolean revival) throws InterruptedException {
    for (int swept = 0; ; ) {
      QueueSetup.Made made = setup.establish(tags, revival);
      try {
        Standing now = subscribed(made);
        return made.created() ? now : confirmed(now);
      } catch (QueueDoesNotExistException e) {
        if (++swept == SWEEPS) {
          HeldQueues.release(made.url(), tags.owner());
          throw e;
        }
        log.info("queue {} was removed while it was taken over: creating it anew", name);
      } catch (InterruptedException | RuntimeException e) {
        if (!revival) {
          Uninterrupted.run(() -> undo(made, e));
        }
        throw e;
      }
    }
  }

  private Standing subscribed(QueueSetup.Made made) {
    TopicSubscriptions.Subscribed subscribed =
        subscriptions.subscribe(topic.arn(), made.arn(), options);
    List<String> repairs = new ArrayList<>(made.repairs());
    repairs.addAll(subscribed.repairs());
    repairs.addAll(leaveFormerTopics(made));
    return new Standing(made, subscribed.arn(), List.copyOf(repairs));
  }

  private List<String> leaveFormerTopics(QueueSetup.Made made) {
    List<String> told = new ArrayList<>();
    for (String former : made.formerTopics()) {
      try {
        subscriptions.find(former, made.arn()).forEach(subscriptions::end);
        told.add("topic was " + former + ", is " + topic.arn());
      } catch (SdkException e) {
        // The tag stays, and with it the next take-over, or a sweep, sees to it.
        log.warn("queue {} may still be subscribed to {}, its topic before", name, former, e);
        told.add("topic was " + former + ", and may still be beside " + topic.arn());
        return told;
      }
    }
    if (!told.isEmpty()) {
      sqs.tagQueue(r -> r.queueUrl(made.url()).tags(Map.of(OwnerTags.FORMER_TOPIC, "")));
    }
    return told;
  }

  /** A sweep, or another process, may have been at the queue while it was taken over. */
  private Standing confirmed(Standing now) throws InterruptedException {
    if (ours(now)
        .sweptAt()
        .filter(at -> Duration.between(at, time.ofSqs()).abs().compareTo(SWEEP_COUNTS) < 0)
        .isPresent()) {
      log.info(
          "a sweep was at queue {}: looking in {} whether it stands", name, Rules.text(SWEEP_ENDS));
      if (!pauses.pause(SWEEP_ENDS)) {
        throw new InterruptedException("queue " + name + " is being closed");
      }
      OwnerTags unused = ours(now);
    }
    if (subscriptions.stands(now.subscriptionArn())) {
      return now;
    }
    return new Standing(
        now.queue(),
        subscriptions.subscribe(topic.arn(), now.queue().arn(), options).arn(),
        now.repairs());
  }

  private OwnerTags ours(Standing now) {
    return OwnerTags.of(readTags(now.queue().url()).tags())
        .filter(t -> t.sameOwner(tags))
        .orElseThrow(TakenOver::new);
  }

  private void undo(QueueSetup.Made made, Exception failure) {
    if (made.created()) {
      try {
        subscriptions.find(topic.arn(), made.arn()).forEach(subscriptions::end);
      } catch (SdkException e) {
        failure.addSuppressed(e);
      }
      setup.removeCreated(made.url(), tags, failure);
    }
    HeldQueues.release(made.url(), tags.owner());
  }

  /** Whose the queue is now. */
  Holder holder() {
    ListQueueTagsResponse read = readTags(url());
    Optional<OwnerTags> found = OwnerTags.of(read.tags()).filter(t -> !t.owner().isEmpty());
    if (found.isPresent()) {
      if (found.get().sameOwner(tags)) {
        return Holder.OURS;
      }
      return found.get().leaseUntil().filter(u -> u.isBefore(time.earlier())).isPresent()
          ? Holder.DEADS
          : Holder.ANOTHERS;
    }
    // A queue without these tags may be a stranger's who took the name while it was free.
    String createdAt = setup.read(url()).getOrDefault(QueueAttributeName.CREATED_TIMESTAMP, "");
    return createdAt.equals(standing().queue().createdAt()) ? Holder.UNTAGGED : Holder.ANOTHERS;
  }

  private ListQueueTagsResponse readTags(String url) {
    return time.saw(sqs.listQueueTags(r -> r.queueUrl(url)));
  }

  boolean isOurs() {
    Holder holder = holder();
    return holder == Holder.OURS || holder == Holder.UNTAGGED;
  }

  void renewLease() {
    Map<String, String> lease = Map.of(OwnerTags.LEASE_UNTIL, setup.leaseEnd().toString());
    sqs.tagQueue(r -> r.queueUrl(url()).tags(lease));
  }

  void tagAgain() {
    Map<String, String> all = setup.allTags(tags.leasedUntil(setup.leaseEnd()));
    sqs.tagQueue(r -> r.queueUrl(url()).tags(all));
  }

  boolean isSubscribed() {
    return subscriptions.stands(standing().subscriptionArn());
  }

  void endSubscription() {
    subscriptions.end(standing().subscriptionArn());
  }

  void deleteQueue() {
    String unread =
        sqs.getQueueAttributes(
                r ->
                    r.queueUrl(url())
                        .attributeNames(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
            .attributes()
            .getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
    sqs.deleteQueue(r -> r.queueUrl(url()));
    log.info("deleted queue {}, with about {} messages unread", name, unread);
  }

  /** From now on another one in this JVM may have the queue. */
  void release() {
    HeldQueues.release(url(), tags.owner());
  }
}
