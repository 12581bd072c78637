package io.multisqs.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {

  private final VirtualTime time = new VirtualTime();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition condition = lock.newCondition();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void standsStillUntilAdvanced() {
    Instant start = time.instant();
    assertThat(time.nanoTime()).isZero();
    time.advance(Duration.ofMillis(1500));
    assertThat(time.nanoTime()).isEqualTo(1_500_000_000L);
    assertThat(time.instant()).isEqualTo(start.plusMillis(1500));
  }

  @Test
  void startsWhereItIsTold() {
    Instant start = Instant.parse("1999-12-31T23:59:59Z");
    assertThat(new VirtualTime(start).instant()).isEqualTo(start);
  }

  @Test
  void doesNotGoBack() {
    assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("forward");
  }

  @Test
  void advanceWakesWhomItIsTimeFor() throws Exception {
    CompletableFuture<Boolean> early = waitFor(Duration.ofSeconds(1));
    CompletableFuture<Boolean> late = waitFor(Duration.ofSeconds(2));
    await().until(() -> time.waiters() == 2);
    time.advance(Duration.ofSeconds(1));
    // Both share a condition, so the second is woken too and waits again.
    assertThat(early.get()).isFalse();
    await().until(() -> time.waiters() == 1);
    assertThat(late).isNotDone();
    time.advance(Duration.ofSeconds(1));
    assertThat(late.get()).isFalse();
    assertThat(time.waiters()).isZero();
  }

  @Test
  void signalLeavesTimeOver() throws Exception {
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(this::awaitOnce, threads);
    await().until(() -> time.waiters() == 1);
    lock.lock();
    try {
      time.signalAll(condition);
      assertThat(time.waiters()).isZero();
    } finally {
      lock.unlock();
    }
    assertThat(waiting.get()).isTrue();
  }

  @Test
  void noTimeMeansNoWait() throws Exception {
    lock.lock();
    try {
      assertThat(time.await(lock, condition, 0)).isFalse();
      assertThat(time.await(lock, condition, -1)).isFalse();
    } finally {
      lock.unlock();
    }
  }

  @Test
  void endlessWaitDoesNotOverflow() throws Exception {
    time.advance(Duration.ofDays(1));
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(this::awaitOnce, threads);
    await().until(() -> time.waiters() == 1);
    time.advance(Duration.ofDays(365));
    assertThat(time.waiters()).isEqualTo(1);
    lock.lock();
    try {
      condition.signalAll();
    } finally {
      lock.unlock();
    }
    assertThat(waiting.get()).isTrue();
  }

  @Test
  void advanceMayHoldTheLockItself() throws Exception {
    CompletableFuture<Boolean> waiting = waitFor(Duration.ofSeconds(1));
    await().until(() -> time.waiters() == 1);
    lock.lock();
    try {
      time.advance(Duration.ofSeconds(1));
    } finally {
      lock.unlock();
    }
    assertThat(waiting.get()).isFalse();
  }

  private boolean awaitOnce() {
    lock.lock();
    try {
      return time.await(lock, condition, Long.MAX_VALUE);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<Boolean> waitFor(Duration duration) {
    long deadline = time.nanoTime() + duration.toNanos();
    return CompletableFuture.supplyAsync(
        () -> {
          lock.lock();
          try {
            boolean left = true;
            while (left) {
              left = time.await(lock, condition, deadline - time.nanoTime());
            }
            return false;
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          } finally {
            lock.unlock();
          }
        },
        threads);
  }
}
