package io.multisqs.broadcast;

import io.multisqs.ListenerState;
import io.multisqs.MultiSqsListener;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
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

  /** How long a call of one of the clients made here may take, all its tries together. */
  private static final Duration CALL = Duration.ofSeconds(10);

  /** How long leaving and closing wait for a renewal under way. */
  private static final Duration RENEWAL = Duration.ofSeconds(10);

  private static final Duration LEAVE_RETRY = Duration.ofMillis(500);

  private final TopicArn topic;
  private final BroadcastOptions options;
  private final String name;
  private final SqsClient sqs;
  private final List<AutoCloseable> ownClients = new ArrayList<>();
  private final Membership membership;
  private final List<String> repairs;
  private final LeaseRenewal renewal;
  private final ReentrantLock closing = new ReentrantLock();
  private boolean closed; // guarded by closing
  private volatile boolean left;
  private volatile @Nullable Thread shutdownHook;

  private BroadcastQueue(TopicArn topic, BroadcastOptions options) throws InterruptedException {
    this.topic = topic;
    this.options = options;
    this.name = options.prefix() + "-" + options.instance() + (topic.isFifo() ? ".fifo" : "");
    Pauses pauses = new Pauses(options.clock());
    try {
      this.sqs = options.sqsClient().orElseGet(this::ownSqs);
      SnsClient sns = options.snsClient().orElseGet(this::ownSns);
      this.membership =
          new Membership(sqs, new TopicSubscriptions(sns), options, topic, name, pauses);
      membership.begin();
      this.repairs = membership.standing().repairs();
    } catch (InterruptedException | RuntimeException e) {
      ownClients.forEach(BroadcastQueue::closeQuietly);
      throw e;
    }
    this.renewal = new LeaseRenewal(membership, options, name, pauses);
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
   * <p>One queue serves one topic: for a second topic, take options with another prefix.
   *
   * @param topicArn the topic; of a FIFO topic, the queue is one too
   * @param options the settings
   * @return the queue, to be closed
   * @throws IllegalArgumentException if that is no topic's ARN
   * @throws IllegalStateException if a queue of that name stands that this library did not make, or
   *     that is open in this JVM already, or that another process took over just now, or the
   *     subscription awaits a confirmation, or this thread was interrupted
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
   * @return the queue with its bus and priority, and the user's own client if the options have one;
   *     {@code toBuilder()} for the rest
   */
  public SqsListenerConfig config() {
    SqsListenerConfig.Builder config =
        SqsListenerConfig.builder(membership.url())
            .region(sqs.serviceClientConfiguration().region().id())
            .bus(options.bus())
            .priority(options.priority());
    options.sqsClient().ifPresent(config::sqsClient);
    return config.build();
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
    return membership.url();
  }

  /**
   * The queue's ARN.
   *
   * @return the ARN
   */
  public String queueArn() {
    return membership.standing().queue().arn();
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
    return membership.standing().subscriptionArn();
  }

  /**
   * What was not as configured on a queue that was taken over, and was set right; and what others
   * may have meant, such as a key or a policy's statement that lets somebody else send, and stays.
   *
   * @return one line each, empty for a new queue
   */
  public List<String> repairs() {
    return repairs;
  }

  /**
   * Ends the subscription: nothing that is published from now on reaches the queue. What is in it
   * stays to be handled, and its lease is renewed until it is closed. A second call does nothing.
   *
   * @throws SdkException if SQS or SNS refuses; then nothing has changed
   */
  public void leave() {
    Uninterrupted.run(() -> leaveNow(RENEWAL));
  }

  private void leaveNow(Duration longest) {
    if (left || !membership.isOurs()) {
      return;
    }
    // Otherwise the renewal would find the subscription gone, and bring it back.
    renewal.leaving(longest);
    try {
      membership.endSubscription();
      left = true;
    } finally {
      if (!left) {
        renewal.staying();
      }
    }
  }

  /**
   * Stops a listener of this queue in the order that loses nothing: ends the subscription, lets the
   * listener work the queue off, for half the time at most, stops it, and closes the queue. What
   * fails meanwhile is tried again or left out, but the listener is stopped and the queue closed in
   * any case, on an interrupted thread too.
   *
   * <p>Called from a handler of that listener, it returns before the queue is closed, which then
   * follows on a thread of its own when the handlers have ended; and since the message in hand
   * counts as not worked off, half the time passes.
   *
   * @param listener one that this queue's {@link #config()} was handed to; work queues go on being
   *     served until it is stopped
   * @param deadline how long all of it may take; a call to SQS or SNS under way may add what the
   *     client lets it take
   * @return the listener's account
   */
  public StopAccount stop(MultiSqsListener listener, Duration deadline) {
    Rules.between("stop deadline", deadline, Duration.ZERO, Duration.ofHours(12));
    return Uninterrupted.get(() -> stopNow(listener, deadline));
  }

  private StopAccount stopNow(MultiSqsListener listener, Duration deadline) {
    // The last tenth is for removing the queue.
    Deadline end = new Deadline(options.clock(), deadline.minus(deadline.dividedBy(10)));
    try {
      leaveWithin(new Deadline(options.clock(), deadline.dividedBy(4)));
      Duration half = deadline.dividedBy(2);
      new Drain(sqs, membership.url(), name, options)
          .await(() -> listener.state() == ListenerState.RUNNING, half);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("queue {} could not be worked off in order; the listener stops now", name, e);
    }
    try {
      return listener.stop(end.left());
    } finally {
      if (listener.state() == ListenerState.STOPPING) {
        // This is a thread of the listener's own, for which its stop does not wait.
        closeWhenStopped(listener);
      } else {
        close();
      }
    }
  }

  private void leaveWithin(Deadline deadline) throws InterruptedException {
    Pauses retries = new Pauses(options.clock());
    do {
      try {
        leaveNow(deadline.left());
        return;
      } catch (QueueDoesNotExistException e) {
        return; // and close() ends the subscription
      } catch (SdkException e) {
        log.warn("queue {} could not be left, which is tried again for a while", name, e);
      }
    } while (retries.pause(LEAVE_RETRY) && !deadline.left().isZero());
  }

  private void closeWhenStopped(MultiSqsListener listener) {
    Thread closes =
        new Thread(
            () -> {
              StopAccount account = listener.stop(Duration.ZERO);
              log.debug("the listener of queue {} has stopped: {}", name, account);
              close();
            },
            "multisqs-broadcast-close");
    closes.start();
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
        Uninterrupted.run(this::closeNow);
      }
    } finally {
      closing.unlock();
    }
  }

  private void closeNow() {
    forgetShutdownHook();
    // Whatever comes of it, nothing is to be brought back from here on.
    renewal.leaving(RENEWAL);
    try {
      if (membership.isOurs()) {
        leaveNow(RENEWAL);
        renewal.end(RENEWAL);
        membership.deleteQueue();
      } else {
        log.info("queue {} is another process's now, and left to it", name);
      }
    } catch (QueueDoesNotExistException e) {
      log.info("queue {} was gone already", name);
      endQuietly();
    } catch (SdkException e) {
      log.warn("queue {} could not be removed; a sweep will, when its lease has run out", name, e);
    } finally {
      renewal.end(RENEWAL);
      membership.release();
      ownClients.forEach(BroadcastQueue::closeQuietly);
    }
  }

  private void endQuietly() {
    try {
      membership.endSubscription();
    } catch (SdkException e) {
      log.warn("subscription {} could not be ended", subscriptionArn(), e);
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
    SqsClient client =
        SqsClient.builder()
            .region(Region.of(topic.region()))
            .overrideConfiguration(o -> o.apiCallTimeout(CALL))
            .build();
    ownClients.add(client);
    return client;
  }

  private SnsClient ownSns() {
    SnsClient client =
        SnsClient.builder()
            .region(Region.of(topic.region()))
            .overrideConfiguration(o -> o.apiCallTimeout(CALL))
            .build();
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

  /** When the lease's thread makes which step. */
  Duration untilRenewal(int step) {
    return renewal.untilStep(step);
  }

  /** As if this were another process's: this JVM may take the queue over. */
  BroadcastQueue asOfAnotherProcess() {
    membership.release();
    return this;
  }

  /** As if the process had been killed: nothing is said to SQS or SNS any more. */
  void abandon() {
    renewal.end(RENEWAL);
    membership.release();
  }

  @Override
  public String toString() {
    return "broadcast queue " + name + " of " + topic.arn();
  }
}
