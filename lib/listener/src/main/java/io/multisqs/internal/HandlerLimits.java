package io.multisqs.internal;

import io.multisqs.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts handlers that pass their queue's time limit (I13). Only queues that have one cost
 * anything. An interrupt never outlives the handler that it was meant for.
 */
final class HandlerLimits {
  private static final Log log = Log.of("io.multisqs.HandlerLimits");

  private final Board board;
  private final Events events;
  private final LongConsumer wakeKeeperBy;

  HandlerLimits(Board board, Events events, LongConsumer wakeKeeperBy) {
    this.board = board;
    this.events = events;
    this.wakeKeeperBy = wakeKeeperBy;
  }

  /** Why a handler was interrupted from here. */
  enum Cause {
    NONE,
    LIMIT,
    STOP
  }

  /** What a handler past its limit is reported to have failed with. */
  static final class LimitPassed extends TimeoutException {
    private static final long serialVersionUID = 1L;

    LimitPassed(String text) {
      super(text);
    }
  }

  /** One handler call. */
  static final class Watch {
    private final Delivery delivery;
    private final long startedAt;
    private final Thread thread = Thread.currentThread();
    private final boolean interruptedBefore = thread.isInterrupted();
    private boolean over; // guarded by this
    private Cause interrupted = Cause.NONE; // guarded by this

    private Watch(Delivery delivery) {
      this.delivery = delivery;
      this.startedAt = delivery.startedAt;
    }

    /** The handler ended; returns why it was interrupted, if it was. */
    Cause end() {
      delivery.watch = null;
      synchronized (this) {
        over = true;
        if (interrupted != Cause.NONE && !interruptedBefore) {
          // Ours, and for this handler: the next message must not meet it.
          boolean unused = Thread.interrupted();
        }
        return interrupted;
      }
    }

    /** What the handler is reported to have failed with. */
    Throwable timeout(@Nullable Throwable thrown) {
      Throwable timeout =
          new LimitPassed(
              "handler passed its time limit of " + limit(delivery.lane).toMillis() + " ms");
      if (thrown != null) {
        timeout.addSuppressed(thrown);
      }
      return timeout;
    }

    /** Whether it still runs, and is now to be interrupted for this cause. */
    boolean decide(Cause cause) {
      synchronized (this) {
        if (over || interrupted != Cause.NONE) {
          return false;
        }
        interrupted = cause;
        return true;
      }
    }

    /** Interrupts the handler as was decided, unless it has ended since. */
    void interrupt() {
      synchronized (this) {
        if (!over) {
          thread.interrupt();
        }
      }
    }

    /** Where the handler is now. */
    Throwable whereItIs() {
      Throwable where = new Throwable("where it is now");
      where.setStackTrace(thread.getStackTrace());
      return where;
    }
  }

  private static Duration limit(Lane lane) {
    return lane.config.handlerTimeout().orElse(Duration.ZERO);
  }

  Watch start(Delivery delivery) {
    Watch watch = new Watch(delivery);
    delivery.watch = watch;
    if (delivery.lane.config.handlerTimeout().isPresent()) {
      wakeKeeperBy.accept(delivery.startedAt + limit(delivery.lane).toNanos());
    }
    return watch;
  }

  /** Interrupts what is past its limit; returns when to look again. Called by the keeper. */
  long step(long now) {
    long next = Long.MAX_VALUE;
    for (Watch watch : running(lane -> lane.config.handlerTimeout().isPresent())) {
      Delivery d = watch.delivery;
      ReceivedMessage message = d.message; // whole, if the handler is to be interrupted
      Duration limit = limit(d.lane);
      long at = watch.startedAt + limit.toNanos();
      if (at - now > 0) {
        next = Math.min(next, at);
      } else if (watch.decide(Cause.LIMIT)) {
        report(watch, limit);
        events.timedOut(message, limit);
        // Last, so that what becomes of it is told after this.
        watch.interrupt();
      }
    }
    return next;
  }

  /** The first of a queue with its trace; the others counted, each with its trace at DEBUG. */
  private static void report(Watch watch, Duration limit) {
    Delivery d = watch.delivery;
    String text =
        "handler of {} passed its time limit of {} ms and is interrupted; when it ends, {} is"
            + " retried as its policy says";
    long count = d.lane.handlerFailureLog.count("past its limit");
    if (count == FailureLog.NEW) {
      text += "; others are counted, and logged at DEBUG";
      log.warn(text, d.lane, limit.toMillis(), d.message, watch.whereItIs());
      return;
    }
    log.debug(text, d.lane, limit.toMillis(), d.message);
    if (count > 0) {
      log.warn("handlers of {} passed their time limit {} more times", d.lane, count);
    }
  }

  /** Interrupts every handler: a stop's deadline is over. */
  void interruptAll() {
    for (Watch watch : running(lane -> true)) {
      if (watch.decide(Cause.STOP)) {
        watch.interrupt();
      }
    }
  }

  /**
   * A handler that called {@code System.exit} waits for the JVM's shutdown hooks, and one of those
   * waits for this listener's stop: that must not wait for the handler.
   */
  void giveUpThoseThatEndTheJvm() {
    for (Watch watch : running(lane -> true)) {
      if (!endsTheJvm(watch.thread)) {
        continue;
      }
      Delivery d = watch.delivery;
      board.lock();
      try {
        if (d.endsTheJvm || d.stage != Delivery.Stage.RUNNING) {
          continue;
        }
        d.endsTheJvm = true;
        d.lane.neverReturning++;
        board.somethingEnded();
      } finally {
        board.unlock();
      }
      log.warn(
          "the handler of {} called System.exit on {}; the stop does not wait for it, and the"
              + " message returns when its visibility timeout runs out",
          d.lane,
          d.message);
    }
  }

  private static boolean endsTheJvm(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Shutdown")) {
        return true;
      }
    }
    return false;
  }

  /** The handlers that run now of these queues; some may have just ended. */
  private List<Watch> running(Predicate<Lane> of) {
    List<Watch> running = new ArrayList<>();
    List<Lane> lanes = board.lanes.stream().filter(of).toList();
    if (lanes.isEmpty()) {
      return running;
    }
    board.lock();
    try {
      for (Lane lane : lanes) {
        for (Delivery d : lane.here.values()) {
          Watch watch = d.watch;
          if (watch != null) {
            running.add(watch);
          }
        }
      }
    } finally {
      board.unlock();
    }
    return running;
  }
}
