package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is to be said to SQS about single messages, and says it in batches of one queue, on
 * threads of its own that start and end with the work.
 *
 * <p>While anything is pending, one thread that is not in a call waits for it, as long as fewer
 * than the most are there: a slow call delays nobody. Its lock is a leaf: nothing else is locked
 * under it.
 */
final class BatchCalls<T> {
  /** A thread with nothing to do this long ends. */
  private static final long IDLE = 10_000_000_000L;

  private static final long AFTER_A_DEFECT = 1_000_000_000L;

  private static final Log log = Log.of("io.multisqs.BatchCalls");

  /** Makes the call, handles its result, and lets nothing escape. */
  interface Call<T> {
    void send(Lane lane, List<T> batch);
  }

  private record Delayed<T>(Lane lane, T item, long at) {}

  /** What waits to be sent for one queue. */
  private static final class Pending<T> {
    final Deque<T> items = new ArrayDeque<>();

    /** Its place in the line of queues: behind those that had their turn before. */
    long turn;

    long dueAt;
    int batchSize = 10;
    long linger;
  }

  private final ListenerClock clock;
  private int maxThreads; // guarded by lock
  private final Consumer<Runnable> startThread;
  private final Call<T> call;
  private final ReentrantLock lock = new SureLock();
  private final FailureLog failureLog;

  // All guarded by lock.
  private final Map<Lane, Pending<T>> pending = new LinkedHashMap<>();
  private final PriorityQueue<Delayed<T>> delayed =
      new PriorityQueue<>((a, b) -> Long.signum(a.at - b.at));
  private int threads;
  private long turns;

  private final IdleThreads idle;

  private boolean hurried;
  private boolean over;

  BatchCalls(ListenerClock clock, int maxThreads, Consumer<Runnable> startThread, Call<T> call) {
    this.clock = clock;
    this.failureLog = new FailureLog(clock);
    this.maxThreads = maxThreads;
    this.idle = new IdleThreads(maxThreads);
    this.startThread = startThread;
    this.call = call;
  }

  /** Adds one, to go out when ten of its queue are there, or the linger is over. */
  void add(Lane lane, T item, int batchSize, long linger) {
    boolean start;
    lock.lock();
    try {
      start = enqueue(lane, item, batchSize, linger);
    } finally {
      lock.unlock();
    }
    if (start) {
      startThread();
    }
  }

  /** Under the lock; returns whether a thread is to be started. */
  private boolean enqueue(Lane lane, T item, int batchSize, long linger) {
    if (over) {
      return false;
    }
    long due = clock.nanoTime() + (hurried ? 0 : linger);
    Pending<T> of = pendingOf(lane);
    boolean first = of.items.isEmpty();
    boolean sooner = first || due - of.dueAt < 0;
    of.items.addLast(item);
    if (first) {
      of.turn = ++turns;
    }
    of.batchSize = batchSize;
    of.linger = first ? linger : Math.min(of.linger, linger);
    if (sooner) {
      of.dueAt = due;
    }
    if (of.items.size() % batchSize == 0) {
      of.dueAt = clock.nanoTime();
      sooner = true;
    }
    // With no thread left, as one could not be started, each that is added tries again.
    return (sooner || threads == 0) && wake(of.dueAt);
  }

  private Pending<T> pendingOf(Lane lane) {
    return pending.computeIfAbsent(lane, l -> new Pending<>());
  }

  /** Adds many at once, in order: no thread takes the first of them for a batch of one. */
  void addAll(List<T> items, Function<T, Lane> laneOf, int batchSize) {
    boolean start = false;
    lock.lock();
    try {
      for (T item : items) {
        start |= enqueue(laneOf.apply(item), item, batchSize, 0);
      }
    } finally {
      lock.unlock();
      if (start) {
        startThread();
      }
    }
  }

  /** Adds one that goes out after a wait, with whatever else is due then. */
  void addAfter(Lane lane, T item, long nanos) {
    boolean start;
    lock.lock();
    try {
      if (over) {
        return;
      }
      long at = clock.nanoTime() + (hurried ? nanos / 8 : nanos);
      delayed.add(new Delayed<>(lane, item, at));
      start = wake(at);
    } finally {
      lock.unlock();
    }
    if (start) {
      startThread();
    }
  }

  /** From now on no more than so many calls are under way at once. */
  void limitThreads(int most) {
    lock.lock();
    try {
      maxThreads = Math.min(maxThreads, most);
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing lingers: a stop is waiting. */
  void hurry() {
    boolean start;
    lock.lock();
    try {
      hurried = true;
      long now = clock.nanoTime();
      pending.values().forEach(p -> p.dueAt = now);
      List<Delayed<T>> sooner = new ArrayList<>(delayed.size());
      delayed.forEach(d -> sooner.add(new Delayed<>(d.lane, d.item, Math.min(d.at, now))));
      delayed.clear(); // which keeps the room for them
      delayed.addAll(sooner);
      start = wake(nextDue());
    } finally {
      lock.unlock();
    }
    if (start) {
      startThread();
    }
  }

  /**
   * Wakes a thread for what is due then, or says that one is to be started; neither if one waits
   * until then, or is on its way already.
   */
  private boolean wake(long due) {
    long now = clock.nanoTime();
    if (due >= idle.watchedUntil() || idle.wakeOne(now)) {
      return false;
    }
    if (threads < maxThreads) {
      threads++;
      idle.starts(now);
      return true;
    }
    return false;
  }

  /**
   * A thread's life, which no error ends: it is counted, and what it had in hand would be lost with
   * it. Whatever it throws, its next step goes on with that.
   */
  private final class Worker {
    private final Loop loop = new Loop("a thread for calls to SQS", failureLog, this::step);
    private boolean arrived;
    private @Nullable Batch<T> inHand;

    private boolean step() {
      Batch<T> batch = inHand;
      if (batch == null) {
        batch = next();
        inHand = batch;
      }
      if (batch == null) {
        return false;
      }
      if (batch.needsAnotherThread) {
        batch.needsAnotherThread = false;
        startThread();
      }
      send(batch);
      inHand = null;
      return true;
    }

    private @Nullable Batch<T> next() {
      lock.lock();
      try {
        if (!arrived) {
          // Nobody else looks while one is on its way: so it looks in this very moment.
          idle.arrived();
          arrived = true;
        }
        return nextBatch();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A thread that cannot be started is missed, not waited for: what is pending goes out later. */
  private void startThread() {
    try {
      startThread.accept(new Worker().loop);
    } catch (RuntimeException | Error e) {
      missThread();
      log.error("a thread for calls to SQS could not be started; others go on", e);
    }
  }

  /**
   * Sees to it that what is due has a thread, if it was added and an error met whoever was to start
   * one.
   */
  void lookAgain() {
    boolean start;
    lock.lock();
    try {
      start = !over && wake(nextDue());
    } finally {
      lock.unlock();
    }
    if (start) {
      startThread();
    }
  }

  /** No more calls: what is added or pending from here on is forgotten. */
  void end() {
    lock.lock();
    try {
      over = true;
      pending.clear();
      delayed.clear();
      idle.wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends what is due now, on the caller's thread; returns how many were sent. For tests. */
  int step() {
    int sent = 0;
    for (Batch<T> batch = tryBatch(); batch != null; batch = tryBatch()) {
      sent += batch.items.size();
      send(batch);
    }
    return sent;
  }

  /** How many wait to be sent, now or later. For tests. */
  int pending() {
    lock.lock();
    try {
      return delayed.size() + pending.values().stream().mapToInt(p -> p.items.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Batch<T> tryBatch() {
    lock.lock();
    try {
      return takeDue(clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private void send(Batch<T> batch) {
    try {
      call.send(batch.lane, batch.items);
    } catch (Throwable e) {
      // One by one, and none is let go before it is back: there may be no memory for it.
      for (int last = batch.items.size() - 1; last >= 0; last--) {
        addAfter(batch.lane, batch.items.get(last), AFTER_A_DEFECT);
        batch.items.remove(last);
      }
      if (e instanceof LinkageError hopeless) {
        throw hopeless;
      }
      log.error("a batch of calls for {} met a defect of this library; tried again", batch.lane, e);
    }
  }

  /** What would have been its work is left to one that became idle meanwhile, if there is one. */
  private void missThread() {
    lock.lock();
    try {
      threads--;
      idle.arrived();
      if (nextDue() < idle.watchedUntil()) {
        idle.wakeOne(clock.nanoTime());
      }
    } finally {
      lock.unlock();
    }
  }

  private static final class Batch<T> {
    final Lane lane;
    final List<T> items;
    boolean needsAnotherThread;

    Batch(Lane lane, int most) {
      this.lane = lane;
      this.items = new ArrayList<>(most);
    }
  }

  /** Waits for one, under the lock; null when this thread is to end. */
  private @Nullable Batch<T> nextBatch() {
    while (!over) {
      long now = clock.nanoTime();
      Batch<T> due = takeDue(now);
      if (due != null) {
        due.needsAnotherThread = othersAreNeeded();
        return due;
      }
      boolean watched = awaitWork(now);
      boolean wasIdle = !watched && clock.nanoTime() - now >= IDLE;
      if (wasIdle && nextDue() >= idle.watchedUntil()) {
        break;
      }
    }
    // Here, under the lock: whoever adds after it sees that this thread is gone.
    threads--;
    return null;
  }

  private boolean othersAreNeeded() {
    try {
      return wake(nextDue());
    } catch (RuntimeException | Error e) {
      // The batch is taken, and goes out. The rest waits until this thread is back.
      return false;
    }
  }

  /**
   * Waits for the next that is due, if no other thread does, or else to be woken; returns whether
   * it waited on behalf of all.
   */
  @SuppressWarnings("WaitNotInLoop") // the caller has the loop
  private boolean awaitWork(long now) {
    IdleThreads.Place mine = new IdleThreads.Place(lock.newCondition());
    long next = nextDue();
    idle.enters(mine, next);
    try {
      clock.await(lock, mine.condition, mine.watches() ? Math.max(1, next - now) : IDLE);
    } catch (InterruptedException e) {
      // The thread is this listener's: some callback left the flag, and it is over now.
      log.debug("a thread for calls was interrupted, and goes on");
    } finally {
      idle.leaves(mine);
    }
    return mine.watches();
  }

  /** What needs memory comes first: nothing leaves its place before there is another for it. */
  private @Nullable Batch<T> takeDue(long now) {
    for (Delayed<T> d = delayed.peek(); d != null && d.at - now <= 0; d = delayed.peek()) {
      Pending<T> of = pendingOf(d.lane);
      boolean first = of.items.isEmpty();
      of.dueAt = now;
      of.items.addLast(d.item);
      delayed.poll();
      if (first) {
        of.turn = ++turns;
      }
    }
    Map.Entry<Lane, Pending<T>> next = null;
    for (var entry : pending.entrySet()) {
      Pending<T> of = entry.getValue();
      if (of.dueAt - now <= 0 && (next == null || of.turn < next.getValue().turn)) {
        next = entry;
      }
    }
    if (next == null) {
      return null;
    }
    Pending<T> of = next.getValue();
    Batch<T> batch = new Batch<>(next.getKey(), of.batchSize);
    while (batch.items.size() < of.batchSize && !of.items.isEmpty()) {
      batch.items.add(of.items.pollFirst());
    }
    if (of.items.isEmpty()) {
      pending.remove(next.getKey());
    } else {
      // To the back, so that no queue starves another; less than a batch lingers anew.
      of.turn = ++turns;
      boolean due = hurried || of.items.size() >= of.batchSize;
      of.dueAt = due ? now : now + of.linger;
    }
    return batch.items.isEmpty() ? takeDue(now) : batch;
  }

  private long nextDue() {
    long next = Long.MAX_VALUE;
    for (Pending<T> of : pending.values()) {
      next = Math.min(next, of.dueAt);
    }
    Delayed<T> first = delayed.peek();
    return first == null ? next : Math.min(next, first.at);
  }
}
