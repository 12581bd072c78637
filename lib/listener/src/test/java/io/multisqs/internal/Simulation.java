package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A discrete-event simulation: processes that take turns on one virtual clock, so that the same
 * test always runs the same way, however fast the machine.
 *
 * <p>A process is a thread, as the code under test wants one, but only one runs at a time: it has
 * its turn until it sleeps or waits, and gets the next one from {@link #runFor} and its like, which
 * the test calls. Time passes only when nobody has anything to do.
 */
final class Simulation implements ListenerClock, AutoCloseable {
  static final long NEVER = Long.MAX_VALUE;

  /** Rounds in which nobody does anything before time goes on: one may have fed another. */
  private static final int QUIET_ROUNDS = 2;

  /** Unwinds the processes that are left at the end: of a kind that no {@link Loop} survives. */
  private static final class Over extends LinkageError {
    private static final long serialVersionUID = 1L;
  }

  private final class Actor implements Runnable {
    final String name;
    final Runnable work;
    final Semaphore turn = new Semaphore(0);
    final ActorThread thread;
    long wakeAt = NEVER;
    long order;
    boolean blocked = true;
    boolean over;
    int unwound;
    boolean wokenByInterrupt;
    @Nullable BooleanSupplier wokenWhen;

    Actor(String name, Runnable work) {
      this.name = name;
      this.work = work;
      this.thread = new ActorThread(this);
      thread.setDaemon(true);
    }

    @Override
    public void run() {
      turn.acquireUninterruptibly();
      try {
        if (!closing) {
          work.run();
        }
      } catch (Over e) {
        // The test is over.
      } catch (Throwable e) {
        failure = e;
      }
      over = true;
      scheduler.release();
    }
  }

  /** A thread whose interrupt waits for its turn, as everything does here. */
  private static final class ActorThread extends Thread {
    private volatile boolean interruptWaits;

    ActorThread(Actor actor) {
      super(actor, "simulated-" + actor.name);
    }

    @Override
    public void interrupt() {
      if (Thread.currentThread() == this) {
        super.interrupt();
      } else {
        interruptWaits = true;
      }
    }

    void takeInterrupt() {
      if (interruptWaits) {
        interruptWaits = false;
        super.interrupt();
      }
    }
  }

  final VirtualTime time = new VirtualTime();

  /** How far the wall clock has gained on monotonic time. */
  Duration suspended = Duration.ZERO;

  private final List<Actor> processes = new ArrayList<>();
  private final Deque<Actor> ready = new ArrayDeque<>();
  private final TreeSet<Long> ticks = new TreeSet<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Semaphore scheduler = new Semaphore(0);
  private @Nullable Actor current;
  private long order;
  private boolean touched;
  private volatile boolean closing;
  private volatile @Nullable Throwable failure;

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  // ---- for tests ------------------------------------------------------------------------------

  /** Does something at a time from now; the action may not sleep. */
  void after(Duration delay, Runnable action) {
    events.add(new Event(nanoTime() + delay.toNanos(), order++, action));
  }

  /** Starts a process. */
  void spawn(String name, Runnable work) {
    if (closing) {
      return;
    }
    Actor process = new Actor(name, work);
    processes.add(process);
    ready.add(process);
    process.thread.start();
  }

  /** Lets so much time pass. */
  void runFor(Duration duration) {
    long end = nanoTime() + duration.toNanos();
    while (step(end)) {
      // Until it is quiet.
    }
  }

  /** Runs until something is so; fails if it is not within the limit. */
  void runUntil(Duration limit, BooleanSupplier condition) {
    long end = nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (!step(end)) {
        throw new AssertionError("not so within " + limit + "; alive: " + alive());
      }
    }
  }

  /** Who is there, and waits. */
  List<String> alive() {
    return processes.stream().map(p -> p.name).toList();
  }

  /** Now, since the simulation began. */
  Duration now() {
    return Duration.ofNanos(nanoTime());
  }

  // ---- for processes --------------------------------------------------------------------------

  /** The calling process sleeps; an interrupt ends that. */
  void sleep(Duration duration) throws InterruptedException {
    Actor me = me();
    me.wokenByInterrupt = true;
    block(nanoTime() + duration.toNanos(), null);
    me.wokenByInterrupt = false;
    if (Thread.interrupted()) {
      throw new InterruptedException("in simulated sleep");
    }
  }

  /** The calling process sleeps, whatever happens. */
  void pass(Duration duration) {
    if (duration.toNanos() > 0) {
      block(nanoTime() + duration.toNanos(), null);
    }
  }

  /** The calling process waits until something is so, but not after the deadline. */
  void waitUntil(long deadline, @Nullable BooleanSupplier condition) {
    block(deadline, condition == null ? () -> true : condition);
  }

  /** The calling process did something that others may have waited for. */
  void touch() {
    touched = true;
  }

  /** Time will not jump over this moment: conditions are looked at again then. */
  void lookAgainAt(long at) {
    if (at != NEVER && at > nanoTime()) {
      ticks.add(at);
    }
  }

  private Actor me() {
    if (current == null || current.thread != Thread.currentThread()) {
      throw new IllegalStateException("only a simulated process may wait");
    }
    return current;
  }

  private void block(long until, @Nullable BooleanSupplier wokenWhen) {
    Actor me = me();
    if (closing) {
      unwind(me);
    }
    me.wakeAt = until;
    me.order = order++;
    me.wokenWhen = wokenWhen;
    me.blocked = true;
    scheduler.release();
    me.turn.acquireUninterruptibly();
    me.thread.takeInterrupt();
    if (closing) {
      unwind(me);
    }
  }

  /** One whose loop survives even this is left where it is. */
  private void unwind(Actor me) {
    if (++me.unwound > 10) {
      scheduler.release();
      for (; ; ) {
        LockSupport.park();
      }
    }
    throw new Over();
  }

  // ---- the clock ------------------------------------------------------------------------------

  @Override
  public long nanoTime() {
    return time.nanoTime();
  }

  @Override
  public Instant instant() {
    return time.instant().plus(suspended);
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // every caller has its own loop, and decides again
  public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
    if (condition instanceof Signal signal) {
      signal.await(nanos, TimeUnit.NANOSECONDS);
      return;
    }
    if (nanos == NEVER && !(Thread.currentThread() instanceof ActorThread)) {
      condition.await(); // a thread of the test's own, which no time wakes
      return;
    }
    // A condition of the code's own, whose signals are not seen here: whatever happens may be one.
    held.unlock();
    try {
      waitUntil(nanos == NEVER ? NEVER : nanoTime() + nanos, null);
    } finally {
      held.lock();
    }
  }

  /** A condition of the board's lock whose signals are counted: a missing one shows. */
  Condition condition(Board board) {
    return new Signal(board);
  }

  @SuppressWarnings("WaitNotInLoop") // it is the condition itself
  private final class Signal implements Condition {
    private final Board board;

    /** As in the JVM, who waits longest is woken first. */
    private final Deque<boolean[]> waiters = new ArrayDeque<>();

    private int signals;

    Signal(Board board) {
      this.board = board;
    }

    @Override
    public boolean await(long time, TimeUnit unit) {
      long nanos = unit.toNanos(time);
      boolean[] signalled = {false};
      waiters.addLast(signalled);
      board.unlock();
      try {
        block(nanos == NEVER ? NEVER : nanoTime() + nanos, () -> signalled[0] |= taken(signalled));
        return signalled[0];
      } finally {
        waiters.removeIf(waiter -> waiter == signalled);
        signals = Math.min(signals, waiters.size());
        board.lock();
      }
    }

    private boolean taken(boolean[] waiter) {
      if (signals > 0 && waiters.peekFirst() == waiter) {
        waiters.removeFirst();
        signals--;
        return true;
      }
      return false;
    }

    @Override
    public void await() {
      boolean unused = await(NEVER, TimeUnit.NANOSECONDS);
    }

    @Override
    public void awaitUninterruptibly() {
      await();
    }

    @Override
    public long awaitNanos(long nanos) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean awaitUntil(Date deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void signal() {
      signals = Math.min(signals + 1, waiters.size());
    }

    @Override
    public void signalAll() {
      signals = waiters.size();
    }
  }

  // ---- the scheduler --------------------------------------------------------------------------

  /** Lets somebody do something, or time pass; false if nothing happens before the end. */
  private boolean step(long end) {
    for (int quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
      if (round()) {
        return true;
      }
    }
    long next = nextMoment();
    if (next > end) {
      advanceTo(end);
      return false;
    }
    advanceTo(next);
    while (!events.isEmpty() && events.peek().at <= next) {
      events.poll().action.run();
    }
    List<Actor> due = new ArrayList<>();
    for (Actor process : processes) {
      if (process.blocked && process.wakeAt <= next) {
        due.add(process);
      }
    }
    due.sort(
        (a, b) ->
            a.wakeAt != b.wakeAt
                ? Long.compare(a.wakeAt, b.wakeAt)
                : Long.compare(a.order, b.order));
    due.forEach(this::resume);
    return true;
  }

  /** Resumes all who are ready, or whose condition is so; true if anyone did more than look. */
  private boolean round() {
    boolean did = touched;
    touched = false;
    while (!ready.isEmpty()) {
      resume(ready.poll());
      did = true;
    }
    for (Actor process : List.copyOf(processes)) {
      if (!process.blocked || process.over) {
        continue;
      }
      BooleanSupplier when = process.wokenWhen;
      boolean interrupted = process.wokenByInterrupt && process.thread.interruptWaits;
      if (interrupted || (when != null && when.getAsBoolean())) {
        long until = process.wakeAt;
        resume(process);
        // One that waits for anything looks, and waits again for the same: that is no event.
        boolean onlyLooked =
            process.blocked && process.wokenWhen != null && process.wakeAt == until;
        did |= !onlyLooked || !ready.isEmpty();
      }
    }
    return did;
  }

  private long nextMoment() {
    long next = NEVER;
    for (Actor process : processes) {
      if (process.blocked) {
        next = Math.min(next, process.wakeAt);
      }
    }
    Long tick = ticks.higher(nanoTime());
    next = tick == null ? next : Math.min(next, tick);
    return events.isEmpty() ? next : Math.min(next, events.peek().at);
  }

  private void advanceTo(long at) {
    if (at > nanoTime()) {
      time.advance(Duration.ofNanos(at - nanoTime()));
    }
    ticks.headSet(at, true).clear();
  }

  private void resume(Actor process) {
    Actor before = current;
    current = process;
    process.blocked = false;
    process.turn.release();
    scheduler.acquireUninterruptibly();
    current = before;
    if (process.over) {
      processes.remove(process);
    }
    Throwable failed = failure;
    if (failed != null) {
      failure = null;
      throw new AssertionError("process " + process.name + " failed at " + now(), failed);
    }
  }

  /** Ends the processes that are left, wherever they wait. */
  @Override
  public void close() {
    closing = true;
    for (int i = 0; i < 20 && !processes.isEmpty(); i++) {
      for (Actor process : List.copyOf(processes)) {
        current = process;
        process.turn.release();
        scheduler.acquireUninterruptibly();
        if (process.over || process.unwound > 10) {
          processes.remove(process);
        }
      }
    }
  }
}
