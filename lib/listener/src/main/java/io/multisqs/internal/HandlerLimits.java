package io.multisqs.internal;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts handlers that pass their queue's time limit (I13). Only queues that have one cost
 * anything. An interrupt never outlives the handler that it was meant for.
 */
final class HandlerLimits {
  private static final Log log = Log.of("io.multisqs.HandlerLimits");

  private final Events events;
  private final LongConsumer wakeKeeperBy;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

  HandlerLimits(Events events, LongConsumer wakeKeeperBy) {
    this.events = events;
    this.wakeKeeperBy = wakeKeeperBy;
  }

  /** Why a handler was interrupted from here. */
  enum Cause {
    NONE,
    LIMIT,
    STOP
  }

  /** One handler call. */
  final class Watch {
    private final Delivery delivery;
    private final Thread thread = Thread.currentThread();
    private final boolean interruptedBefore = thread.isInterrupted();
    private boolean over; // guarded by this
    private Cause interrupted = Cause.NONE; // guarded by this

    private Watch(Delivery delivery) {
      this.delivery = delivery;
    }

    /** The handler ended; returns why it was interrupted, if it was. */
    Cause end() {
      watches.remove(this);
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
          new TimeoutException(
              "handler passed its time limit of " + limit(delivery.lane).toMillis() + " ms");
      if (thrown != null) {
        timeout.addSuppressed(thrown);
      }
      return timeout;
    }

    /** Interrupts the handler; returns whether it was still running. */
    boolean interrupt(Cause cause) {
      synchronized (this) {
        if (over || interrupted != Cause.NONE) {
          return false;
        }
        interrupted = cause;
        thread.interrupt();
        return true;
      }
    }
  }

  private static Duration limit(Lane lane) {
    return lane.config.handlerTimeout().orElse(Duration.ZERO);
  }

  Watch start(Delivery delivery) {
    Watch watch = new Watch(delivery);
    watches.add(watch);
    if (delivery.lane.config.handlerTimeout().isPresent()) {
      wakeKeeperBy.accept(delivery.startedAt + limit(delivery.lane).toNanos());
    }
    return watch;
  }

  /** Interrupts what is past its limit; returns when to look again. Called by the keeper. */
  long step(long now) {
    long next = Long.MAX_VALUE;
    for (Watch watch : watches) {
      Delivery d = watch.delivery;
      if (d.lane.config.handlerTimeout().isEmpty()) {
        continue;
      }
      Duration limit = limit(d.lane);
      long at = d.startedAt + limit.toNanos();
      if (at - now > 0) {
        next = Math.min(next, at);
      } else if (watch.interrupt(Cause.LIMIT)) {
        log.warn(
            "handler of {} passed its time limit of {} ms and is interrupted; when it ends, {} is"
                + " retried as its policy says",
            d.lane,
            limit.toMillis(),
            d.message);
        events.timedOut(d.message, limit);
      }
    }
    return next;
  }

  /** Interrupts every handler: a stop's deadline is over. */
  void interruptAll() {
    watches.forEach(watch -> watch.interrupt(Cause.STOP));
  }
}
