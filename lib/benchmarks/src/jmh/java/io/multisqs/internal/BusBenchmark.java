package io.multisqs.internal;

import java.util.Comparator;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One message in and the best one out, while others wait; by one thread, and by four that contend.
 *
 * <p>Each thread offers the message that it took last, so that as many wait at all times. The
 * yardstick is a plain {@link PriorityBlockingQueue} in the same order. The bus adds the listener's
 * choice among what may start; the board adds the books: credits, bytes, slots, and the end of the
 * handler.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class BusBenchmark {
  private static final int MOST_THREADS = 4;
  private static final Comparator<Delivery> BEST_FIRST =
      Comparator.<Delivery>comparingLong(d -> d.key).thenComparingLong(d -> d.sequence);

  /** Messages that wait. */
  @Param({"10", "1000"})
  public int waiting;

  private final AtomicInteger hands = new AtomicInteger();

  private final PriorityBlockingQueue<Delivery> queue = new PriorityBlockingQueue<>(64, BEST_FIRST);
  private final AtomicLong queueSequence = new AtomicLong();

  // The bus is guarded by the lock, as by the board's.
  private final ReentrantLock lock = new ReentrantLock();
  private EventBus bus;
  private long busSequence;

  private Parts parts;

  /** Fills each of the three. */
  @Setup
  public void fill() {
    // As deep as it may be, so that there is no credit, as at load.
    parts = new Parts(1, MOST_THREADS, waiting);
    bus = new Parts(1, MOST_THREADS, waiting).bus;
    for (Delivery delivery : parts.messages(waiting)) {
      parts.enter(delivery);
    }
    // As they are only waiting, they may as well be in all three.
    for (Delivery delivery : parts.bus.all()) {
      queue.add(delivery);
      bus.offer(delivery);
    }
    queueSequence.set(waiting);
    busSequence = waiting;
  }

  /** A thread's message at hand, and the priorities that it goes round in. */
  @State(Scope.Thread)
  public static class Hand {
    private Delivery held;
    private int turn;

    /** Takes one that does not wait. */
    @Setup
    public void take(BusBenchmark all) {
      held = all.parts.message(all.waiting + all.hands.getAndIncrement());
    }

    private Delivery next() {
      Delivery next = held;
      next.priority = 1 + (turn++ & 3);
      return next;
    }
  }

  private Object throughQueue(Hand hand) {
    Delivery next = hand.next();
    next.key = -next.priority;
    next.sequence = queueSequence.getAndIncrement();
    queue.add(next);
    hand.held = queue.poll();
    return hand.held;
  }

  private Object throughBus(Hand hand) {
    Delivery next = hand.next();
    lock.lock();
    try {
      next.key = -next.priority;
      next.sequence = busSequence++;
      bus.offer(next);
    } finally {
      lock.unlock();
    }
    lock.lock();
    try {
      Delivery best = bus.best(d -> !bus.isAtCap(), true);
      bus.remove(best);
      hand.held = best;
      return best;
    } finally {
      lock.unlock();
    }
  }

  private Object throughBoard(Hand hand) {
    Board board = parts.board;
    parts.enter(hand.next());
    Delivery best;
    board.lock();
    try {
      long now = System.nanoTime();
      best = board.choice.best(now);
      board.start(best, now);
    } finally {
      board.unlock();
    }
    board.lock();
    try {
      board.finishing.handled(best, System.nanoTime(), null);
      board.close(best, Outcome.HANDLED);
    } finally {
      board.unlock();
    }
    hand.held = best;
    return best;
  }

  /** The yardstick, by one thread. */
  @Benchmark
  public Object queueAlone(Hand hand) {
    return throughQueue(hand);
  }

  /** The yardstick, by four threads. */
  @Benchmark
  @Threads(MOST_THREADS)
  public Object queueContended(Hand hand) {
    return throughQueue(hand);
  }

  /** The bus, by one thread. */
  @Benchmark
  public Object busAlone(Hand hand) {
    return throughBus(hand);
  }

  /** The bus, by four threads. */
  @Benchmark
  @Threads(MOST_THREADS)
  public Object busContended(Hand hand) {
    return throughBus(hand);
  }

  /** A message's whole way over the board, by one thread. */
  @Benchmark
  public Object boardAlone(Hand hand) {
    return throughBoard(hand);
  }

  /** A message's whole way over the board, by four threads. */
  @Benchmark
  @Threads(MOST_THREADS)
  public Object boardContended(Hand hand) {
    return throughBoard(hand);
  }
}
