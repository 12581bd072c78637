package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerClock;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How its threads wait: real ones, on a clock that stands still until it is moved. */
class BatchCallsTest {
  private static final long LINGER = Duration.ofMillis(100).toNanos();
  private static final int THREADS = 3;

  private final StandingClock clock = new StandingClock();
  private final Semaphore mayReturn = new Semaphore(0);
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final List<String> sentBy = new CopyOnWriteArrayList<>();
  private final BatchCalls<String> calls =
      new BatchCalls<>(clock, THREADS, this::start, this::send);
  private Lane lane;

  /** Waits end by a signal, or when they are told that their time is over. */
  private static final class StandingClock implements ListenerClock {
    final AtomicLong now = new AtomicLong();

    /** For how long each waiting thread would wait. */
    final Map<Thread, Long> waits = new ConcurrentHashMap<>();

    @Override
    public long nanoTime() {
      return now.get();
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH;
    }

    @Override
    @SuppressWarnings("WaitNotInLoop")
    public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
      long until = now.get() + nanos;
      waits.put(Thread.currentThread(), nanos);
      try {
        while (now.get() < until && !condition.await(1, TimeUnit.MILLISECONDS)) {
          // the clock stands, or has moved, which is looked at again
        }
      } finally {
        waits.remove(Thread.currentThread());
      }
    }
  }

  @BeforeEach
  void threeThreadsHaveMadeACall() {
    try (SimulatedListener listener = new SimulatedListener(Duration.ofMillis(1))) {
      listener.queue(SqsListenerConfig.of("q")).build();
      lane = listener.lane("q");
    }
    for (int i = 0; i < THREADS; i++) {
      calls.add(lane, "at once", 1, 0);
      int so = i + 1;
      until(() -> sentBy.size() == so);
    }
  }

  @AfterEach
  void end() {
    mayReturn.release(1_000);
    calls.end();
    until(() -> ended.get() == started.get());
  }

  private static void until(Callable<Boolean> condition) {
    await().pollInterval(Duration.ofMillis(1)).until(condition);
  }

  private void start(Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              work.run();
              ended.incrementAndGet();
            },
            "call-" + started.incrementAndGet());
    thread.setDaemon(true);
    thread.start();
  }

  private void send(Lane of, List<String> batch) {
    sentBy.add(Thread.currentThread().getName());
    mayReturn.acquireUninterruptibly();
  }

  private long watching() {
    return clock.waits.values().stream().filter(nanos -> nanos <= LINGER).count();
  }

  @Test
  void oneThreadWatchesForWhatIsDueNextWhoeverElseIsIdle() {
    calls.add(lane, "lingers", 10, LINGER);
    mayReturn.release(THREADS);
    until(() -> clock.waits.size() == THREADS);
    assertThat(watching()).isOne();
    clock.now.addAndGet(LINGER);
    until(() -> sentBy.size() == THREADS + 1);
  }

  @Test
  void whatIsDueSoonerThanWhatIsWatchedForGoesOutInTime() {
    calls.add(lane, "lingers", 10, LINGER);
    mayReturn.release(THREADS);
    until(() -> clock.waits.size() == THREADS);
    calls.add(lane, "sooner", 10, LINGER / 2);
    until(() -> clock.waits.containsValue(LINGER / 2));
    clock.now.addAndGet(LINGER / 2);
    until(() -> sentBy.size() == THREADS + 1);
  }

  @Test
  void theLastToComeIsWokenFirst() {
    for (int i = 0; i < THREADS; i++) {
      int so = i + 1;
      mayReturn.release();
      until(() -> clock.waits.size() == so);
    }
    for (int i = 0; i < 5; i++) {
      int so = sentBy.size() + 1;
      calls.add(lane, "at once", 1, 0);
      until(() -> sentBy.size() == so);
      mayReturn.release();
      until(() -> clock.waits.size() == THREADS);
    }
    assertThat(sentBy.subList(THREADS, THREADS + 5))
        .as("always the same")
        .containsOnly(sentBy.get(THREADS));
  }

  @Test
  void threadsThatNobodyNeedsEndThoughOthersAreBusy() {
    mayReturn.release(THREADS);
    until(() -> clock.waits.size() == THREADS);
    for (int i = 0; i < 12; i++) {
      clock.now.addAndGet(Duration.ofSeconds(1).toNanos());
      int so = sentBy.size() + 1;
      calls.add(lane, "at once", 1, 0);
      until(() -> sentBy.size() == so);
      mayReturn.release();
      until(() -> clock.waits.size() + ended.get() == THREADS);
    }
    until(() -> ended.get() == THREADS - 1);
  }
}
