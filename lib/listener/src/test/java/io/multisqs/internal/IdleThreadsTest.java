package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is woken, and how many: the places of three threads, all played by this one. */
class IdleThreadsTest {
  private static final long NEVER = Long.MAX_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final IdleThreads idle = new IdleThreads();
  private final IdleThreads.Place first = new IdleThreads.Place(lock.newCondition());
  private final IdleThreads.Place second = new IdleThreads.Place(lock.newCondition());
  private final IdleThreads.Place third = new IdleThreads.Place(lock.newCondition());

  @BeforeEach
  void hold() {
    lock.lock();
  }

  @AfterEach
  void release() {
    lock.unlock();
  }

  private boolean isWoken(IdleThreads.Place place) {
    idle.leaves(place);
    boolean woken = !idle.isAnyOnItsWay();
    idle.enters(place, NEVER);
    return woken;
  }

  @Test
  void theLastToComeIsWokenFirst() {
    idle.enters(first, NEVER);
    idle.enters(second, NEVER);
    assertThat(idle.wakeOne()).isTrue();
    assertThat(isWoken(second)).isTrue();
  }

  @Test
  void whoeverWaitsForATimeIsWokenLast() {
    idle.enters(first, NEVER);
    idle.enters(second, 100);
    assertThat(second.watches()).isTrue();
    idle.wakeOne();
    assertThat(isWoken(first)).isTrue();
  }

  @Test
  void oneIsOnItsWayFromTheWakeUntilItRuns() {
    idle.enters(first, NEVER);
    assertThat(idle.isAnyOnItsWay()).isFalse();
    idle.wakeOne();
    assertThat(idle.isAnyOnItsWay()).isTrue();
    idle.leaves(first);
    assertThat(idle.isAnyOnItsWay()).isFalse();
  }

  @Test
  void oneWhoseTimeIsOverIsNotWokenAfterwards() {
    idle.enters(first, NEVER);
    idle.enters(second, 100);
    idle.leaves(second);
    assertThat(idle.isAnyOnItsWay()).isFalse();
    idle.wakeOne();
    assertThat(isWoken(first)).isTrue();
    idle.leaves(first);
    assertThat(idle.wakeOne()).as("nobody waits").isFalse();
    assertThat(idle.isAnyOnItsWay()).isFalse();
  }

  @Test
  void oneWaitsForATimeOnBehalfOfAllUnlessAnotherHasToWakeSooner() {
    idle.enters(first, 100);
    idle.enters(second, 100);
    idle.enters(third, 50);
    assertThat(first.watches()).isTrue();
    assertThat(second.watches()).isFalse();
    assertThat(third.watches()).isTrue();
    assertThat(idle.watchedUntil()).isEqualTo(50);
  }

  @Test
  void whenTheOneThatWaitsForATimeLeavesNobodyDoes() {
    idle.enters(first, 100);
    idle.leaves(first);
    assertThat(idle.watchedUntil()).isEqualTo(NEVER);
  }

  @Test
  void oneThatWaitedForALaterTimeLeavesTheSoonerOneToItsWatch() {
    idle.enters(first, 100);
    idle.enters(second, 50);
    idle.leaves(first);
    assertThat(idle.watchedUntil()).isEqualTo(50);
  }

  @Test
  void allThatWaitAreWokenAtAnEnd() {
    idle.enters(first, NEVER);
    idle.enters(second, 100);
    idle.wakeAll();
    idle.leaves(first);
    assertThat(idle.isAnyOnItsWay()).isTrue();
    idle.leaves(second);
    assertThat(idle.isAnyOnItsWay()).isFalse();
    assertThat(idle.wakeOne()).isFalse();
  }

  @Test
  void aThreadThatWasStartedIsOnItsWayUntilItArrives() {
    idle.started();
    assertThat(idle.isAnyOnItsWay()).isTrue();
    idle.arrived();
    assertThat(idle.isAnyOnItsWay()).isFalse();
  }
}
