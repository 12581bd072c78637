package io.multisqs.broadcast;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * Renews the lease of a queue while its instance lives, on a thread of its own, and brings back
 * what was taken from under it.
 */
final class LeaseRenewal {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** After a failure, so that a lease outlives more than one. */
  private static final Duration SOON = Duration.ofSeconds(15);

  /** A sweep that was at the queue when it was taken over has ended by then. */
  private static final Duration FIRST_OF_A_TAKE_OVER = Duration.ofSeconds(5);

  /** And what it deleted is gone in all of SQS by then, 65 s after the take-over. */
  private static final Duration SECOND_OF_A_TAKE_OVER = Duration.ofSeconds(60);

  private enum Stage {
    /** Renewed, and brought back when it is gone. */
    HELD,
    /** Renewed, as it is being worked off, but not brought back. */
    LEFT,
    /** Renewed no more. */
    ENDED
  }

  private final Membership membership;
  private final BroadcastOptions options;
  private final String queueName;
  private final Pauses pauses;
  private final Thread thread;
  // One step at a time: of the thread, or of a test.
  private final ReentrantLock stepping = new ReentrantLock();
  private final Set<String> told = new HashSet<>(); // kinds of trouble logged; guarded by stepping
  private volatile @Nullable Thread stepper; // who makes a step
  private volatile boolean hangs; // a step was waited for in vain; it is waited for only once
  private volatile Stage stage = Stage.HELD;

  LeaseRenewal(Membership membership, BroadcastOptions options, String queueName, Pauses pauses) {
    this.membership = membership;
    this.options = options;
    this.queueName = queueName;
    this.pauses = pauses;
    this.thread = new Thread(this::run, "multisqs-broadcast-lease");
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Brings nothing back from now on, but goes on renewing.
   *
   * @param longest how long to wait for a step under way, which then is interrupted
   */
  void leaving(Duration longest) {
    if (stage == Stage.HELD) {
      stage = Stage.LEFT;
    }
    awaitStep(longest);
  }

  /** The queue was not left after all. */
  void staying() {
    if (stage == Stage.LEFT) {
      stage = Stage.HELD;
    }
  }

  /** Renews no more; waits as {@link #leaving} does. */
  void end(Duration longest) {
    stage = Stage.ENDED;
    pauses.end();
    awaitStep(longest);
  }

  private void awaitStep(Duration longest) {
    Duration half = hangs ? Duration.ZERO : longest.dividedBy(2);
    boolean idle = Uninterrupted.get(() -> isIdleWithin(half) || isCutShortWithin(half));
    if (!idle && !hangs) {
      hangs = true;
      log.warn(
          "a renewal of queue {} hangs in a call, and is not waited for any longer", queueName);
    }
  }

  private boolean isCutShortWithin(Duration longest) {
    Thread making = stepper;
    if (making != null) {
      making.interrupt();
    }
    return isIdleWithin(longest);
  }

  private boolean isIdleWithin(Duration longest) {
    try {
      if (stepping.tryLock(longest.toNanos(), TimeUnit.NANOSECONDS)) {
        stepping.unlock();
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void run() {
    boolean well = true;
    for (int steps = 0; stage != Stage.ENDED; steps++) {
      try {
        if (!pauses.pause(well ? untilStep(steps) : min(SOON, options.renewEvery()))) {
          return;
        }
        well = step();
      } catch (InterruptedException e) {
        log.debug("a renewal of queue {} was cut short", queueName);
        well = false;
      }
      // Set again by the SDK when it gives up a call; the next step is to be made all the same.
      boolean unused = Thread.interrupted();
    }
  }

  /** How long after the one before a step is due. */
  Duration untilStep(int step) {
    if (!membership.standing().queue().created() && step < 2) {
      return min(step == 0 ? FIRST_OF_A_TAKE_OVER : SECOND_OF_A_TAKE_OVER, options.renewEvery());
    }
    return options.renewEvery();
  }

  /**
   * Renews once.
   *
   * @return false if that failed and should be tried again soon
   */
  boolean step() throws InterruptedException {
    stepping.lockInterruptibly();
    try {
      stepper = Thread.currentThread();
      if (stage != Stage.ENDED) {
        renew();
      }
      return true;
    } catch (TakenOver e) {
      takenOver();
      return true;
    } catch (RuntimeException e) {
      if (isNews(e.getClass().getName())) {
        log.warn(
            "the lease of queue {} could not be renewed and is tried again; past its end of {} a"
                + " sweep may remove the queue",
            queueName,
            Rules.text(options.lease()),
            e);
      }
      return false;
    } finally {
      stepper = null;
      stepping.unlock();
    }
  }

  private void renew() throws InterruptedException {
    try {
      switch (membership.holder()) {
        case OURS -> membership.renewLease();
        case UNTAGGED -> {
          log.warn("somebody took the tags off queue {}: writing them again", queueName);
          membership.tagAgain();
        }
        case ANOTHERS -> {
          takenOver();
          return;
        }
        case DEADS -> bringBack("was taken over by another process, which died");
      }
      if (stage == Stage.HELD && !membership.isSubscribed()) {
        report("is not subscribed any more");
        membership.subscribeAgain();
      }
    } catch (QueueDoesNotExistException e) {
      bringBack("is gone, though its lease was held");
    }
    if (!told.isEmpty()) {
      told.clear();
      log.info("the lease of queue {} is renewed again", queueName);
    }
  }

  private void bringBack(String what) throws InterruptedException {
    if (stage == Stage.HELD) {
      report(what);
      membership.bringBack();
    }
  }

  private void report(String what) {
    if (isNews(what)) {
      log.error(
          "queue {} {}: bringing it back; what was published meanwhile did not reach this instance",
          queueName,
          what);
    }
  }

  /** Looked at again and again, as the other one may go before this one does. */
  private void takenOver() {
    if (isNews("taken over")) {
      log.warn(
          "queue {} was taken over by another process of the same instance name, and is left alone"
              + " while that one lives",
          queueName);
    }
  }

  /** Told once a kind, not once a try. */
  private boolean isNews(String kind) {
    return told.add(kind);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
