package io.multisqs.broadcast;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * Renews the lease of a queue while its instance lives, on a thread of its own, and brings back
 * what was taken from under it.
 */
final class LeaseRenewal {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** After a failure, so that a lease outlives more than one. */
  private static final Duration SOON = Duration.ofSeconds(15);

  private static final Duration JOIN = Duration.ofSeconds(30);

  /** What brings a queue back that is gone. */
  interface Revival {
    /** Creates and subscribes the queue again. */
    void run() throws InterruptedException;
  }

  private final SqsClient sqs;
  private final BroadcastOptions options;
  private final String queueName;
  private final String url;
  private final String owner;
  private final Pauses pauses;
  private final Revival revival;
  private final TopicSubscriptions subscriptions;
  private final Supplier<String> subscriptionArn;
  private final Thread thread;
  // One step at a time: of the thread, or of a test.
  private final ReentrantLock stepping = new ReentrantLock();
  private String lastFailure = ""; // guarded by stepping
  private volatile boolean lost;

  LeaseRenewal(
      SqsClient sqs,
      BroadcastOptions options,
      String queueName,
      String url,
      String owner,
      Pauses pauses,
      TopicSubscriptions subscriptions,
      Supplier<String> subscriptionArn,
      Revival revival) {
    this.sqs = sqs;
    this.options = options;
    this.queueName = queueName;
    this.url = url;
    this.owner = owner;
    this.pauses = pauses;
    this.subscriptions = subscriptions;
    this.subscriptionArn = subscriptionArn;
    this.revival = revival;
    this.thread = new Thread(this::run, "multisqs-broadcast-lease");
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends the renewal, and waits for one that is under way. */
  void stop() {
    pauses.end();
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(JOIN.toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Duration next = options.renewEvery();
    try {
      while (!lost && pauses.pause(next)) {
        next = step() ? options.renewEvery() : min(SOON, options.renewEvery());
      }
    } catch (InterruptedException e) {
      log.debug("the lease of queue {} is not renewed any more", queueName);
    }
  }

  /**
   * Renews once.
   *
   * @return false if that failed and should be tried again soon
   */
  boolean step() throws InterruptedException {
    stepping.lockInterruptibly();
    try {
      if (pauses.ended()) {
        return true;
      }
      if (!isOurs()) {
        lost = true;
        log.warn(
            "queue {} was taken over by another process of the same instance name; this one"
                + " renews its lease no more, and leaves it alone",
            queueName);
        return true;
      }
      String until = options.clock().instant().plus(options.lease()).toString();
      sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of(OwnerTags.LEASE_UNTIL, until)));
      if (!subscriptions.stands(subscriptionArn.get())) {
        log.error(
            "the subscription of queue {} is gone: subscribing it again; what was published"
                + " meanwhile did not reach this instance",
            queueName);
        revival.run();
      }
      recovered();
      return true;
    } catch (QueueDoesNotExistException e) {
      return revived();
    } catch (RuntimeException e) {
      failed(e);
      return false;
    } finally {
      stepping.unlock();
    }
  }

  private boolean revived() throws InterruptedException {
    log.error(
        "queue {} is gone, though its lease was held: creating it again; what was published"
            + " meanwhile did not reach this instance",
        queueName);
    try {
      revival.run();
      recovered();
      return true;
    } catch (RuntimeException e) {
      failed(e);
      return false;
    }
  }

  private void recovered() {
    if (!lastFailure.isEmpty()) {
      log.info("the lease of queue {} is renewed again", queueName);
      lastFailure = "";
    }
  }

  /** Logged once a kind, not once a try. */
  private void failed(RuntimeException e) {
    String kind = e.getClass().getName();
    if (!kind.equals(lastFailure)) {
      lastFailure = kind;
      log.warn(
          "the lease of queue {} could not be renewed and is tried again; past its end of {} a"
              + " sweep may remove the queue",
          queueName,
          options.lease(),
          e);
    }
  }

  /** Whether this process still is the one that the queue's tags name. */
  boolean isOurs() {
    Optional<OwnerTags> tags = OwnerTags.of(sqs.listQueueTags(r -> r.queueUrl(url)).tags());
    return tags.isPresent() && tags.get().owner().equals(owner);
  }

  boolean isLost() {
    return lost;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
