package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks queues up side by side, and tries again what may pass, until one time limit for all is
 * over. For one start.
 */
final class QueueLookups {
  /**
   * Enough for 300 queues at a round trip of 15 ms in less than a second, and no more than twice
   * the connections that the smallest client must have.
   */
  static final int SIDE_BY_SIDE = 16;

  /** Where nobody listens, or no such host is known, the setting is more likely wrong. */
  private static final int BRIEF_TRIES = 3;

  private static final long FIRST_PAUSE = Duration.ofMillis(100).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(2).toNanos();

  private final List<Lane> lanes;
  private final Lookup lookup;
  private final ListenerClock clock;
  private final long deadline;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** What is to be looked up, the next due first. Guarded by the lock, as all below. */
  private final PriorityQueue<Try> tries =
      new PriorityQueue<>(
          Comparator.<Try>comparingLong(t -> t.at - clock().nanoTime())
              .thenComparing(t -> t.index));

  private final @Nullable Source[] found;
  private final StartChecks.@Nullable Refusal[] refused;
  private final boolean[] settled;
  private int open;
  private boolean over;
  private boolean interrupted;

  /** Finds one queue. */
  interface Lookup {
    Source find(Lane lane) throws StartChecks.Refusal;
  }

  private record Try(int index, int number, long at) {}

  QueueLookups(List<Lane> lanes, Lookup lookup, ListenerClock clock, Duration limit) {
    this.lanes = lanes;
    this.lookup = lookup;
    this.clock = clock;
    long now = clock.nanoTime();
    this.deadline = now + limit.toNanos();
    this.found = new Source[lanes.size()];
    this.refused = new StartChecks.Refusal[lanes.size()];
    this.settled = new boolean[lanes.size()];
    this.open = lanes.size();
    for (int i = 0; i < lanes.size(); i++) {
      tries.add(new Try(i, 1, now));
    }
  }

  /**
   * Looks all up; returns when each is found or refused, the time is over, the thread is
   * interrupted, or the start is given up.
   */
  void run(Consumer<Runnable> threads, BooleanSupplier goesOn) {
    int wanted = Math.min(SIDE_BY_SIDE, lanes.size());
    try {
      for (int i = 0; i < wanted; i++) {
        threads.accept(this::work);
      }
    } catch (RuntimeException | Error e) {
      // No more threads can be had: those that there are will do, and this one.
      work();
    }
    lock.lock();
    try {
      while (open > 0 && !over && goesOn.getAsBoolean()) {
        long left = deadline - clock.nanoTime();
        if (left <= 0) {
          break;
        }
        clock.await(lock, changed, left);
      }
    } catch (InterruptedException e) {
      interrupted = true;
      Thread.currentThread().interrupt();
    } finally {
      over = true;
      changed.signalAll();
      lock.unlock();
    }
  }

  /** A stop came: whoever waits here goes on at once. */
  void giveUp() {
    lock.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Where the queue is, or null if it was not found. */
  @Nullable Source found(int index) {
    lock.lock();
    try {
      return settled[index] ? found[index] : null;
    } finally {
      lock.unlock();
    }
  }

  /** Why the queue was not found; null if no try of it ended. */
  StartChecks.@Nullable Refusal refused(int index) {
    lock.lock();
    try {
      return refused[index];
    } finally {
      lock.unlock();
    }
  }

  boolean isSettled(int index) {
    lock.lock();
    try {
      return settled[index];
    } finally {
      lock.unlock();
    }
  }

  boolean wasInterrupted() {
    lock.lock();
    try {
      return interrupted;
    } finally {
      lock.unlock();
    }
  }

  private ListenerClock clock() {
    return clock;
  }

  private void work() {
    for (Try next = next(); next != null; next = next()) {
      Source source = null;
      StartChecks.Refusal refusal = null;
      try {
        source = lookup.find(lanes.get(next.index));
      } catch (StartChecks.Refusal e) {
        refusal = e;
      }
      ended(next, source, refusal);
    }
  }

  /** Waits for one that is due; null when there is none left, or the time is over. */
  private @Nullable Try next() {
    lock.lock();
    try {
      for (; ; ) {
        long now = clock.nanoTime();
        if (over || open == 0 || deadline - now <= 0) {
          return null;
        }
        Try first = tries.peek();
        if (first != null && first.at - now <= 0) {
          return tries.poll();
        }
        clock.await(
            lock,
            changed,
            Math.min(deadline - now, first == null ? deadline - now : first.at - now));
      }
    } catch (InterruptedException e) {
      return null; // The thread is this listener's, and is not needed any more.
    } finally {
      lock.unlock();
    }
  }

  private void ended(Try tried, @Nullable Source source, StartChecks.@Nullable Refusal refusal) {
    lock.lock();
    try {
      int i = tried.index;
      found[i] = source;
      refused[i] = refusal;
      if (refusal != null && mayPass(refusal, tried.number)) {
        tries.add(new Try(i, tried.number + 1, clock.nanoTime() + pause(tried.number)));
      } else {
        settled[i] = true;
        open--;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static boolean mayPass(StartChecks.Refusal refusal, int tries) {
    return switch (refusal.mayPass) {
      case NEVER -> false;
      case PERHAPS -> tries < BRIEF_TRIES;
      case LIKELY -> true;
    };
  }

  /** Doubled each time, with up to half of it off, so that many do not ask again together. */
  private static long pause(int number) {
    long full = Math.min(LONGEST_PAUSE, FIRST_PAUSE << Math.min(number - 1, 10));
    return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
  }

  @Override
  public String toString() {
    return "lookups of " + lanes.size() + " queues, settled " + Arrays.toString(settled);
  }
}
