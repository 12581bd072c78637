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
    long dueAt;
    int batchSize = 10;
    long linger;
  }

  private final ListenerClock clock;
  private int maxThreads; // guarded by lock
  private final Consumer<Runnable> startThread;
  private final Call<T> call;
  private final ReentrantLock lock = new ReentrantLock();

  // All guarded by lock.
  private final Map<Lane, Pending<T>> pending = new LinkedHashMap<>();
  private final PriorityQueue<Delayed<T>> delayed =
      new PriorityQueue<>((a, b) -> Long.signum(a.at - b.at));
  private int threads;

  private final IdleThreads idle;

  private boolean hurried;
  private boolean over;

  BatchCalls(ListenerClock clock, int maxThreads, Consumer<Runnable> startThread, Call<T> call) {
    this.clock = clock;
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
    Pending<T> of = pending.computeIfAbsent(lane, l -> new Pending<>());
    boolean first = of.items.isEmpty();
    boolean sooner = first || due - of.dueAt < 0;
    of.items.addLast(item);
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
      List<Delayed<T>> waiting = List.copyOf(delayed);
      delayed.clear();
      waiting.forEach(d -> delayed.add(new Delayed<>(d.lane, d.item, Math.min(d.at, now))));
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

  /** A thread's life. */
  private void run() {
    Batch<T> batch = firstBatch();
    while (batch != null) {
      if (batch.needsAnotherThread) {
        startThread();
      }
      send(batch);
      batch = awaitBatch();
    }
  }

  /** Nobody else looks while one is on its way: so it looks in the moment in which it arrives. */
  private @Nullable Batch<T> firstBatch() {
    lock.lock();
    try {
      idle.arrived();
      return nextBatch();
    } finally {
      lock.unlock();
    }
  }

  /** A thread that cannot be started is missed, not waited for: what is pending goes out later. */
  private void startThread() {
    try {
      startThread.accept(this::run);
    } catch (RuntimeException | Error e) {
      missThread();
      log.error("a thread for calls to SQS could not be started; others go on", e);
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
      send(batch);
      sent += batch.items.size();
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
      batch.items.forEach(item -> addAfter(batch.lane, item, AFTER_A_DEFECT));
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

  private record Batch<T>(Lane lane, List<T> items, boolean needsAnotherThread) {}

  private @Nullable Batch<T> awaitBatch() {
    lock.lock();
    try {
      return nextBatch();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for one, under the lock; null when this thread is to end. */
  private @Nullable Batch<T> nextBatch() {
    while (!over) {
      long now = clock.nanoTime();
      Batch<T> due = takeDue(now);
      if (due != null) {
        return new Batch<>(due.lane, due.items, wake(nextDue()));
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

  private @Nullable Batch<T> takeDue(long now) {
    for (Delayed<T> d = delayed.peek(); d != null && d.at - now <= 0; d = delayed.peek()) {
      delayed.poll();
      Pending<T> of = pending.computeIfAbsent(d.lane, l -> new Pending<>());
      of.items.addLast(d.item);
      of.dueAt = now;
    }
    var all = pending.entrySet().iterator();
    while (all.hasNext()) {
      var entry = all.next();
      Pending<T> of = entry.getValue();
      if (of.dueAt - now <= 0) {
        List<T> items = new ArrayList<>(10);
        while (items.size() < of.batchSize && !of.items.isEmpty()) {
          items.add(of.items.pollFirst());
        }
        all.remove();
        if (!of.items.isEmpty()) {
          // To the back, so that no queue starves another; less than a batch lingers anew.
          boolean due = hurried || of.items.size() >= of.batchSize;
          of.dueAt = due ? now : now + of.linger;
          pending.put(entry.getKey(), of);
        }
        return new Batch<>(entry.getKey(), items, false);
      }
    }
    return null;
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
