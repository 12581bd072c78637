package io.multisqs.broadcast;

import io.multisqs.ListenerState;
import io.multisqs.MultiSqsListener;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * This instance's own queue, subscribed to a topic: every message published from the moment {@link
 * #subscribe} returns reaches it.
 *
 * <pre>
 * try (BroadcastQueue own = BroadcastQueue.subscribe(topicArn, options)) {
 *   MultiSqsListener listener = new MyListener(List.of(work, own.config()));
 *   own.stopOnShutdown(listener, Duration.ofSeconds(30));
 *   listener.listen();
 * }
 * </pre>
 *
 * <p>While it is open a thread, {@code multisqs-broadcast-lease}, renews the queue's lease, and
 * creates and subscribes the queue again should somebody have removed it. An instance that dies
 * without {@link #close()} leaves the queue behind; {@link Broadcast#sweep} removes it when the
 * lease has run out.
 *
 * <p>Safe for use by many threads.
 */
public final class BroadcastQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");
  private static final Duration DRAIN_LOOK = Duration.ofMillis(200);

  /** SNS delivers within moments, and what SQS counts lags: one look at an empty queue is none. */
  private static final int DRAIN_EMPTY_LOOKS = 3;

  private final TopicArn topic;
  private final BroadcastOptions options;
  private final String name;
  private final SqsClient sqs;
  private final TopicSubscriptions subscriptions;
  private final List<AutoCloseable> ownClients = new ArrayList<>();
  private final QueueSetup setup;
  private final OwnerTags tags;
  private final Pauses pauses;
  private final String url;
  private final String arn;
  private final List<String> repairs;
  private final LeaseRenewal renewal;
  private final ReentrantLock closing = new ReentrantLock();
  private boolean closed; // guarded by closing
  private volatile String subscriptionArn;
  private volatile boolean left;
  private volatile @Nullable Thread shutdownHook;

  private BroadcastQueue(TopicArn topic, BroadcastOptions options) throws InterruptedException {
    this.topic = topic;
    this.options = options;
    this.name = options.prefix() + "-" + options.instance() + (topic.isFifo() ? ".fifo" : "");
    this.pauses = new Pauses(options.clock());
    this.sqs = options.sqsClient().orElseGet(this::ownSqs);
    this.tags =
        new OwnerTags(
            options.prefix(),
            options.instance(),
            topic.arn(),
            UUID.randomUUID().toString(),
            options.clock().instant().toString(),
            Optional.empty());
    this.setup = new QueueSetup(sqs, options, topic, name, pauses);
    QueueSetup.@Nullable Made made = null;
    try {
      this.subscriptions = new TopicSubscriptions(options.snsClient().orElseGet(this::ownSns));
      made = setup.establish(tags);
      TopicSubscriptions.Subscribed subscribed =
          subscriptions.subscribe(topic.arn(), made.arn(), options);
      this.url = made.url();
      this.arn = made.arn();
      this.subscriptionArn = subscribed.arn();
      List<String> all = new ArrayList<>(made.repairs());
      all.addAll(subscribed.repairs());
      made.formerTopic().ifPresent(former -> all.add(leaveFormer(former)));
      this.repairs = List.copyOf(all);
    } catch (InterruptedException | RuntimeException e) {
      undo(made, e);
      throw e;
    }
    this.renewal =
        new LeaseRenewal(
            sqs,
            options,
            name,
            url,
            tags.owner(),
            pauses,
            subscriptions,
            () -> subscriptionArn,
            this::revive);
  }

  /**
   * Creates this instance's queue, or takes over the one that it left behind, and subscribes it.
   * Takes a second, or up to 75 s where a queue of the same name was deleted just before, or 60 s
   * where the policy of a queue that was taken over had to be extended.
   *
   * <p>Idempotent for a stable instance name. What an instance that takes its queue over finds
   * changed it sets right again and reports ({@link #repairs()}); statements that others added to
   * the queue's policy stay.
   *
   * @param topicArn the topic; of a FIFO topic, the queue is one too
   * @param options the settings
   * @return the queue, to be closed
   * @throws IllegalArgumentException if that is no topic's ARN
   * @throws IllegalStateException if a queue of that name stands that this library did not make, or
   *     the subscription awaits a confirmation, or this thread was interrupted
   * @throws SdkException if SQS or SNS refuses; a queue that was just created is deleted again
   */
  public static BroadcastQueue subscribe(String topicArn, BroadcastOptions options) {
    try {
      BroadcastQueue queue = new BroadcastQueue(TopicArn.parse(topicArn), options);
      queue.renewal.start();
      return queue;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while a broadcast queue was made for " + topicArn, e);
    }
  }

  /**
   * What to hand to the listener, beside the work queues.
   *
   * @return the queue with its bus and priority; {@code toBuilder()} for the rest
   */
  public SqsListenerConfig config() {
    return SqsListenerConfig.builder(url)
        .region(sqs.serviceClientConfiguration().region().id())
        .bus(options.bus())
        .priority(options.priority())
        .build();
  }

  /**
   * The queue's name.
   *
   * @return prefix, dash, instance, and {@code .fifo} for a FIFO topic's
   */
  public String queueName() {
    return name;
  }

  /**
   * The queue's URL.
   *
   * @return the URL
   */
  public String queueUrl() {
    return url;
  }

  /**
   * The queue's ARN.
   *
   * @return the ARN
   */
  public String queueArn() {
    return arn;
  }

  /**
   * The topic.
   *
   * @return its ARN
   */
  public String topicArn() {
    return topic.arn();
  }

  /**
   * The queue's subscription to the topic.
   *
   * @return its ARN, which changes if the queue had to be created again
   */
  public String subscriptionArn() {
    return subscriptionArn;
  }

  /**
   * What was not as configured on a queue that was taken over, and was set right.
   *
   * @return one line each, empty for a new queue
   */
  public List<String> repairs() {
    return repairs;
  }

  /**
   * Ends the subscription: nothing that is published from now on reaches the queue. What is in it
   * stays to be handled. A second call does nothing.
   *
   * @throws SdkException if SNS refuses
   */
  public void leave() {
    if (!left && isOurs()) {
      // Otherwise the renewal would find the subscription gone, and bring it back.
      renewal.stop();
      subscriptions.end(subscriptionArn);
      left = true;
    }
  }

  /**
   * Stops a listener of this queue in the order that loses nothing: ends the subscription, lets the
   * listener work the queue off, for half the time at most, stops it, and closes the queue.
   *
   * @param listener one that this queue's {@link #config()} was handed to; work queues go on being
   *     served until it is stopped
   * @param deadline how long all of it may take
   * @return the listener's account
   */
  public StopAccount stop(MultiSqsListener listener, Duration deadline) {
    Rules.between("stop deadline", deadline, Duration.ZERO, Duration.ofHours(12));
    long end = options.clock().nanoTime() + deadline.toNanos();
    try {
      leave();
      drain(listener, deadline.dividedBy(2));
    } catch (SdkException e) {
      log.warn("queue {} could not be left in order; the listener stops now", name, e);
    }
    long left = Math.max(0, end - options.clock().nanoTime());
    StopAccount account = listener.stop(Duration.ofNanos(left));
    close();
    return account;
  }

  /**
   * Does {@link #stop} when the JVM shuts down, by SIGTERM for instance. Instead of the listener's
   * own {@code stopOnShutdown}; where both are set, nothing breaks, but the listener may stop
   * before it has worked the queue off.
   *
   * @param listener as for {@link #stop}
   * @param deadline as for {@link #stop}
   */
  public void stopOnShutdown(MultiSqsListener listener, Duration deadline) {
    Thread hook = new Thread(() -> stop(listener, deadline), "multisqs-broadcast-shutdown");
    shutdownHook = hook;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Ends the subscription, then deletes the queue with what is still in it. Stop the listener
   * before, or use {@link #stop}. Where another process of the same instance name has taken the
   * queue over, queue and subscription are left to it. Never throws: what cannot be removed is
   * logged, and left to a sweep. A second call waits for the first one's end.
   */
  @Override
  public void close() {
    // The second may be a shutdown hook's, and the JVM ends when that returns.
    closing.lock();
    try {
      if (!closed) {
        closed = true;
        closeNow();
      }
    } finally {
      closing.unlock();
    }
  }

  private void closeNow() {
    renewal.stop();
    forgetShutdownHook();
    try {
      if (isOurs()) {
        leave();
        delete();
      } else {
        log.info("queue {} is another process's now, and left to it", name);
      }
    } catch (QueueDoesNotExistException e) {
      log.info("queue {} was gone already", name);
      endQuietly();
    } catch (SdkException e) {
      log.warn("queue {} could not be removed; a sweep will, when its lease has run out", name, e);
    } finally {
      ownClients.forEach(BroadcastQueue::closeQuietly);
    }
  }

  private void delete() {
    long unread = count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
    sqs.deleteQueue(r -> r.queueUrl(url));
    log.info("deleted queue {}, with about {} messages unread", name, unread);
  }

  /** Waits until the listener has worked the queue off, or is not running any more. */
  private void drain(MultiSqsListener listener, Duration longest) {
    Pauses looks = new Pauses(options.clock());
    long end = options.clock().nanoTime() + longest.toNanos();
    int empty = 0;
    try {
      while (listener.state() == ListenerState.RUNNING && empty < DRAIN_EMPTY_LOOKS) {
        if (options.clock().nanoTime() - end >= 0) {
          log.warn("queue {} was not worked off within {}", name, Rules.text(longest));
          return;
        }
        long there =
            count(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
        empty = there == 0 ? empty + 1 : 0;
        boolean unused = looks.pause(DRAIN_LOOK);
      }
    } catch (QueueDoesNotExistException e) {
      log.debug("queue {} is gone: nothing to work off", name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long count(QueueAttributeName... which) {
    Map<QueueAttributeName, String> counts =
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(which)).attributes();
    return counts.values().stream().mapToLong(Long::parseLong).sum();
  }

  private boolean isOurs() {
    return !renewal.isLost() && renewal.isOurs();
  }

  /** Called by the lease's thread alone. */
  private void revive() throws InterruptedException {
    QueueSetup.Made made = setup.establish(tags);
    subscriptionArn = subscriptions.subscribe(topic.arn(), made.arn(), options).arn();
  }

  private String leaveFormer(String former) {
    try {
      subscriptions.find(former, arn).forEach(subscriptions::end);
      return "topic was " + former + ", is " + topic.arn();
    } catch (SdkException e) {
      log.warn("queue {} may still be subscribed to {}, its topic before", name, former, e);
      return "topic was " + former + ", and may still be beside " + topic.arn();
    }
  }

  private void undo(QueueSetup.@Nullable Made made, Exception failure) {
    if (made != null && made.created()) {
      try {
        String itsUrl = made.url();
        sqs.deleteQueue(r -> r.queueUrl(itsUrl));
      } catch (SdkException e) {
        failure.addSuppressed(e);
      }
    }
    ownClients.forEach(BroadcastQueue::closeQuietly);
  }

  private void endQuietly() {
    try {
      subscriptions.end(subscriptionArn);
    } catch (SdkException e) {
      log.warn("subscription {} could not be ended", subscriptionArn, e);
    }
  }

  private void forgetShutdownHook() {
    Thread hook = shutdownHook;
    if (hook != null && hook != Thread.currentThread()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        log.debug("the JVM is shutting down already");
      }
    }
  }

  private SqsClient ownSqs() {
    SqsClient client = SqsClient.builder().region(Region.of(topic.region())).build();
    ownClients.add(client);
    return client;
  }

  private SnsClient ownSns() {
    SnsClient client = SnsClient.builder().region(Region.of(topic.region())).build();
    ownClients.add(client);
    return client;
  }

  private static void closeQuietly(AutoCloseable client) {
    try {
      client.close();
    } catch (Exception e) {
      log.debug("closing a client failed, which changes nothing", e);
    }
  }

  /** Renews the lease now, as its thread does by and by. */
  boolean renewNow() throws InterruptedException {
    return renewal.step();
  }

  @Override
  public String toString() {
    return "broadcast queue " + name + " of " + topic.arn();
  }
}
