package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerClock;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
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
    /** Who waits, for how long, and until when. */
    record Wait(Lock held, Condition condition, long nanos, long until) {
      void end() {
        held.lock();
        try {
          condition.signal();
        } finally {
          held.unlock();
        }
      }
    }

    private final AtomicLong now = new AtomicLong();
    final Map<Thread, Wait> waits = new ConcurrentHashMap<>();
    final AtomicInteger wakeUps = new AtomicInteger();

    /** Moves on, and returns once those whose time is over hold their lock again. */
    void moveOn(long nanos) {
      long moved = now.addAndGet(nanos);
      until(
          () -> {
            List<Wait> over = waits.values().stream().filter(w -> w.until <= moved).toList();
            over.forEach(Wait::end);
            return over.isEmpty();
          });
    }

    /** Whether somebody waits for so long. */
    boolean waitsFor(long nanos) {
      return waits.values().stream().anyMatch(wait -> wait.nanos == nanos);
    }

    @Override
    public long nanoTime() {
      return now.get();
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH;
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // as the clock that it stands for: a wait may end early
    public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
      waits.put(Thread.currentThread(), new Wait(held, condition, nanos, now.get() + nanos));
      try {
        condition.await();
      } finally {
        waits.remove(Thread.currentThread());
        wakeUps.incrementAndGet();
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
    return clock.waits.values().stream().filter(wait -> wait.nanos() <= LINGER).count();
  }

  @Test
  void oneThreadWatchesForWhatIsDueNextWhoeverElseIsIdle() {
    calls.add(lane, "lingers", 10, LINGER);
    mayReturn.release(THREADS);
    until(() -> clock.waits.size() == THREADS);
    assertThat(watching()).isOne();
    clock.moveOn(LINGER);
    until(() -> sentBy.size() == THREADS + 1);
  }

  @Test
  void whatIsDueSoonerThanWhatIsWatchedForGoesOutInTime() {
    calls.add(lane, "lingers", 10, LINGER);
    mayReturn.release(THREADS);
    until(() -> clock.waits.size() == THREADS);
    calls.add(lane, "sooner", 10, LINGER / 2);
    until(() -> clock.waitsFor(LINGER / 2));
    clock.moveOn(LINGER / 2);
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
      clock.moveOn(Duration.ofSeconds(1).toNanos());
      int so = sentBy.size() + 1;
      calls.add(lane, "at once", 1, 0);
      until(() -> sentBy.size() == so);
      mayReturn.release();
      until(() -> clock.waits.size() + ended.get() == THREADS);
    }
    until(() -> ended.get() == THREADS - 1);
  }

  /** One that waits for the linger's end, once; then one for each batch, which sends it. */
  @Test
  void aBatchOfTenWakesOneThread() {
    mayReturn.release(1_000);
    until(() -> clock.waits.size() == THREADS);
    int before = clock.wakeUps.get();
    for (int batch = 1; batch <= 5; batch++) {
      for (int i = 0; i < 10; i++) {
        calls.add(lane, "lingers", 10, LINGER);
      }
      int so = THREADS + batch;
      until(() -> sentBy.size() == so && clock.waits.size() == THREADS);
    }
    assertThat(clock.wakeUps.get() - before).isLessThanOrEqualTo(6);
  }

  /** Whoever became idle while it was tried was not woken for what came then. */
  @Test
  void whatWasLeftToAThreadThatCouldNotBeStartedGoesOutAllTheSame() {
    AtomicInteger tried = new AtomicInteger();
    List<List<String>> sent = new CopyOnWriteArrayList<>();
    List<BatchCalls<String>> self = new ArrayList<>();
    self.add(
        new BatchCalls<>(
            clock,
            2,
            work -> {
              if (tried.incrementAndGet() == 1) {
                start(work);
                return;
              }
              mayReturn.release(THREADS + 3);
              until(() -> sent.size() == 2 && clock.waits.size() == THREADS + 1);
              self.get(0).add(lane, "meanwhile", 1, 0);
              throw new OutOfMemoryError("no thread, in a test");
            },
            (of, batch) -> {
              sent.add(batch);
              mayReturn.acquireUninterruptibly();
            }));
    self.get(0).add(lane, "first", 1, 0);
    until(() -> sent.size() == 1);
    self.get(0).add(lane, "second", 1, 0);
    until(() -> sent.size() == 3);
    assertThat(sent).containsExactly(List.of("first"), List.of("second"), List.of("meanwhile"));
    self.get(0).end();
  }
}
