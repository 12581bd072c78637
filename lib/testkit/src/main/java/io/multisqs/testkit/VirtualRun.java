package io.multisqs.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;

/**
 * Runs a listener in {@link VirtualTime}: lets it come to rest, lets time pass from one deadline to
 * the next, and stops it, all on the test's own thread and without a sleep.
 *
 * <p>At rest is a listener when each of its threads waits: for the clock, for a message, or for
 * something that the test has in its hands. A handler that computes, or that sleeps on the
 * machine's clock, is awaited. The listener's threads are known by the names that it gives them,
 * which begin with {@code multisqs-}, so run one listener at a time. Virtual threads cannot be seen
 * from outside: leave {@code virtualThreads} false.
 *
 * <p>To be used by one thread, the test's.
 */
public final class VirtualRun {

  /**
   * For how long, on the machine's clock, a listener may be busy before that counts as a defect.
   */
  public static final Duration MOST_TO_SETTLE = Duration.ofSeconds(30);

  private static final String THREADS = "multisqs-";

  /** A thread that was read as waiting may run by the time the others are read. */
  private static final int LOOKS = 3;

  private final VirtualTime time;

  /**
   * For listeners on a clock.
   *
   * @param time the clock that the listener and its {@link InMemorySqs} have
   */
  public VirtualRun(VirtualTime time) {
    this.time = Objects.requireNonNull(time, "time");
  }

  /**
   * Waits until the listener is at rest, without moving the clock.
   *
   * @throws AssertionError if it is not within {@link #MOST_TO_SETTLE} on the machine's clock; the
   *     text names the threads that are busy
   */
  @SuppressWarnings("ThreadPriorityCheck") // a hint only: the loop ends by its condition
  public void settle() {
    long end = System.nanoTime() + MOST_TO_SETTLE.toNanos();
    int quiet = 0;
    long waits = -1;
    while (quiet < LOOKS) {
      long now = time.waits();
      List<String> busy = busy();
      quiet = busy.isEmpty() && now == waits && !time.isLockWanted() ? quiet + 1 : 0;
      waits = now;
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "the listener must be at rest within " + MOST_TO_SETTLE + ", but busy are " + busy);
      }
      Thread.yield();
    }
  }

  /**
   * Lets time pass: moves the clock from deadline to deadline, and lets the listener come to rest
   * at each.
   *
   * @param step how far; zero or more
   */
  public void advance(Duration step) {
    boolean unused = passes(step, () -> false, () -> {});
  }

  /**
   * Lets time pass until something is so, and no longer. It is asked at each moment at which the
   * listener had something to do, when the listener is at rest again.
   *
   * @param limit the longest time on the virtual clock
   * @param condition what is to come true
   * @throws AssertionError if it is not so within the limit
   */
  public void advanceUntil(Duration limit, BooleanSupplier condition) {
    if (!passes(limit, condition, () -> {})) {
      throw new AssertionError("the condition must come true within " + limit + ", but did not");
    }
  }

  /**
   * Makes a call that blocks until time has passed, such as a stop: on a thread of its own, while
   * this one moves the clock.
   *
   * @param <T> what the call returns
   * @param limit the longest time on the virtual clock
   * @param call the call
   * @return what the call returned
   * @throws AssertionError if it has not returned within the limit, or threw; with the cause
   */
  public <T> T await(Duration limit, Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(task, THREADS + "test-call");
    thread.setDaemon(true);
    thread.start();
    try {
      // What a future's completion wakes cannot be told from what still waits for it.
      if (!passes(limit, task::isDone, () -> join(thread))) {
        throw new AssertionError("the call must return within " + limit + ", but did not");
      }
      return task.get();
    } catch (ExecutionException e) {
      throw new AssertionError("the call must return, but threw", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the test was interrupted", e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(MOST_TO_SETTLE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean passes(Duration limit, BooleanSupplier condition, Runnable whenNoneWaits) {
    long end = time.nanoTime() + limit.toNanos();
    for (; ; ) {
      settle();
      if (condition.getAsBoolean()) {
        return true;
      }
      long now = time.nanoTime();
      if (now >= end) {
        return false;
      }
      OptionalLong next = time.nextDeadline();
      if (next.isEmpty()) {
        whenNoneWaits.run();
        if (condition.getAsBoolean()) {
          return true;
        }
      }
      long to = Math.max(now, Math.min(end, next.orElse(end)));
      time.advance(Duration.ofNanos(to - now));
    }
  }

  private static List<String> busy() {
    return Arrays.stream(living())
        .filter(thread -> thread != null && thread.getName().startsWith(THREADS))
        .filter(thread -> thread.isAlive() && thread.getState() != Thread.State.WAITING)
        .map(thread -> thread.getName() + " " + thread.getState())
        .toList();
  }

  private static Thread[] living() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] threads = new Thread[64];
    int count = root.enumerate(threads);
    while (count == threads.length) {
      threads = new Thread[2 * threads.length];
      count = root.enumerate(threads);
    }
    return threads;
  }
}
