package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is woken, and how many: the places of three threads, all played by this one. */
class IdleThreadsTest {
  private static final long NEVER = Long.MAX_VALUE;
  private static final long NOW = 7;

  private final ReentrantLock lock = new ReentrantLock();
  private final IdleThreads idle = new IdleThreads(3);
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

  /** Plays the run of a thread that was woken: whoever was not leaves the other on its way. */
  private void assertWoken(IdleThreads.Place place) {
    assertThat(idle.isOneOnItsWay(NOW)).as("one was woken").isTrue();
    idle.leaves(place);
    assertThat(idle.isOneOnItsWay(NOW)).as("and it was this one").isFalse();
  }

  @Test
  void theLastToComeIsWokenFirst() {
    idle.enters(first, NEVER);
    idle.enters(second, NEVER);
    assertThat(idle.wakeOne(NOW)).isTrue();
    assertWoken(second);
    assertThat(idle.wakeOne(NOW)).isTrue();
    assertWoken(first);
    assertThat(idle.wakeOne(NOW)).as("nobody waits").isFalse();
  }

  @Test
  void noneIsWokenWhileOneIsOnItsWay() {
    idle.enters(first, NEVER);
    idle.enters(second, NEVER);
    assertThat(idle.wakeOne(NOW)).isTrue();
    assertThat(idle.wakeOne(NOW)).as("the first will look").isTrue();
    assertWoken(second);
    assertThat(idle.isEmpty()).as("the other still waits").isFalse();
    assertThat(idle.wakeOne(NOW)).isTrue();
    assertThat(idle.isEmpty()).isTrue();
    assertWoken(first);
  }

  @Test
  void anotherIsWokenForOneThatTakesTooLong() {
    idle.enters(first, NEVER);
    idle.enters(second, NEVER);
    idle.wakeOne(NOW);
    idle.wakeOne(NOW + 100_000_000);
    assertThat(idle.isEmpty()).as("both were woken").isTrue();
  }

  @Test
  void whoeverWaitsForATimeIsWokenLast() {
    idle.enters(first, NEVER);
    idle.enters(second, 100);
    assertThat(second.watches()).isTrue();
    idle.wakeOne(NOW);
    assertWoken(first);
  }

  @Test
  void oneThatWasWokenAsItsTimeWasOverIsOnItsWayUntilItRuns() {
    idle.enters(first, 100);
    idle.wakeOne(NOW);
    assertWoken(first);
    assertThat(idle.watchedUntil()).isEqualTo(NEVER);
  }

  @Test
  void oneThatTakesTooLongIsNotWaitedFor() {
    idle.enters(first, NEVER);
    idle.wakeOne(NOW);
    assertThat(idle.isOneOnItsWay(NOW + 99_000_000)).isTrue();
    assertThat(idle.isOneOnItsWay(NOW + 100_000_000)).isFalse();
  }

  @Test
  void oneWhoseTimeIsOverIsNotWokenAfterwards() {
    idle.enters(first, NEVER);
    idle.enters(second, 100);
    idle.leaves(second);
    assertThat(idle.isOneOnItsWay(NOW)).isFalse();
    idle.wakeOne(NOW);
    assertWoken(first);
    assertThat(idle.wakeOne(NOW)).as("nobody waits").isFalse();
    assertThat(idle.isOneOnItsWay(NOW)).isFalse();
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
  void nobodyWaitsAfterAllWereWoken() {
    idle.enters(first, NEVER);
    idle.enters(second, 100);
    idle.wakeAll();
    assertThat(idle.wakeOne(NOW)).isFalse();
    idle.leaves(first);
    idle.leaves(second);
    assertThat(idle.watchedUntil()).isEqualTo(NEVER);
    assertThat(idle.isOneOnItsWay(NOW)).isFalse();
  }

  @Test
  void aThreadThatIsStartedIsOnItsWayUntilItArrives() {
    idle.starts(NOW);
    assertThat(idle.isOneOnItsWay(NOW)).isTrue();
    idle.arrived();
    assertThat(idle.isOneOnItsWay(NOW)).isFalse();
  }
}
