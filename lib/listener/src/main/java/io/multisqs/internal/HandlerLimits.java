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

  /** What a handler past its limit is reported to have failed with. */
  static final class LimitPassed extends TimeoutException {
    private static final long serialVersionUID = 1L;

    LimitPassed(String text) {
      super(text);
    }
  }

  private static Duration limit(Lane lane) {
    return lane.config.handlerTimeout().orElse(Duration.ZERO);
  }

  /** A handler is about to be called. */
  HandlerCall start(Delivery delivery) {
    HandlerCall call = delivery.handlerStarts();
    if (delivery.lane.config.handlerTimeout().isPresent()) {
      wakeKeeperBy.accept(delivery.startedAt + limit(delivery.lane).toNanos());
    }
    return call;
  }

  /** What a handler that passed its limit is reported to have failed with. */
  static Throwable timeout(Delivery delivery, @Nullable Throwable thrown) {
    Throwable timeout =
        new LimitPassed(
            "handler passed its time limit of " + limit(delivery.lane).toMillis() + " ms");
    if (thrown != null) {
      timeout.addSuppressed(thrown);
    }
    return timeout;
  }

  /** Interrupts what is past its limit; returns when to look again. Called by the keeper. */
  long step(long now) {
    long next = Long.MAX_VALUE;
    for (HandlerCall call : running(lane -> lane.config.handlerTimeout().isPresent())) {
      Delivery d = call.delivery();
      ReceivedMessage message = d.message; // whole, if the handler is to be interrupted
      Duration limit = limit(d.lane);
      long at = d.startedAt + limit.toNanos();
      if (at - now > 0) {
        next = Math.min(next, at);
      } else if (call.decide(HandlerCall.Cause.LIMIT)) {
        report(call, limit);
        events.timedOut(message, limit);
        // Last, so that what becomes of it is told after this.
        call.interrupt();
      }
    }
    return next;
  }

  /** The first of a queue with its trace; the others counted, each with its trace at DEBUG. */
  private static void report(HandlerCall call, Duration limit) {
    Delivery d = call.delivery();
    String text =
        "handler of {} passed its time limit of {} ms and is interrupted; when it ends, {} is"
            + " retried as its policy says";
    long count = d.lane.handlerFailureLog.count("past its limit");
    if (count == FailureLog.NEW) {
      text += "; others are counted, and logged at DEBUG";
      log.warn(text, d.lane, limit.toMillis(), d.message, call.whereItIs());
      return;
    }
    log.debug(text, d.lane, limit.toMillis(), d.message);
    if (count > 0) {
      log.warn("handlers of {} passed their time limit {} more times", d.lane, count);
    }
  }

  /** Interrupts every handler: a stop's deadline is over. */
  void interruptAll() {
    for (HandlerCall call : running(lane -> true)) {
      if (call.decide(HandlerCall.Cause.STOP)) {
        call.interrupt();
      }
    }
  }

  /**
   * A handler that called {@code System.exit} waits for the JVM's shutdown hooks, and one of those
   * waits for this listener's stop: that must not wait for the handler.
   */
  void giveUpThoseThatEndTheJvm() {
    for (HandlerCall call : running(lane -> true)) {
      if (!endsTheJvm(call.thread())) {
        continue;
      }
      Delivery d = call.delivery();
      if (!board.finishing.neverReturns(d)) {
        continue;
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
  private List<HandlerCall> running(Predicate<Lane> of) {
    List<HandlerCall> running = new ArrayList<>();
    for (Delivery d : board.hereOf(of)) {
      HandlerCall call = d.handlerCall();
      if (call != null) {
        running.add(call);
      }
    }
    return running;
  }
}
