package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.QueueStatus;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("I14")
class I14BackoffTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private long receives(String queue) {
    return listener.way.receives.stream().filter(r -> r.queue().equals(queue)).count();
  }

  @Test
  void aFailingPollBacksOffOnItsOwnQueueAlone() {
    listener.queue(SqsListenerConfig.of("broken")).queue(SqsListenerConfig.of("sound"));
    listener.sqs.faults().on("broken").always(Operation.RECEIVE, Fault.internalError());
    listener.send("sound", "m", 50);
    listener.start().runUntilStarted(50);
    listener.runFor(Duration.ofMinutes(10));
    assertThat(listener.startsOf("sound")).isEqualTo(50);
    assertThat(receives("broken")).as("30 s apart in the end").isBetween(20L, 60L);
    assertThat(listener.snapshot("broken").status()).isEqualTo(QueueStatus.BACKING_OFF);
    assertThat(listener.snapshot("sound").status()).isEqualTo(QueueStatus.IDLE);
  }

  @Test
  void itRecoversByItself() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.sqs.faults().always(Operation.RECEIVE, Fault.timeout());
    listener.send("q", "a");
    listener.start().runFor(Duration.ofHours(1));
    assertThat(listener.starts).isEmpty();
    listener.sqs.faults().clear();
    listener.runFor(Duration.ofSeconds(31));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.snapshot("q").status()).isEqualTo(QueueStatus.IDLE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neitherExceptionNorErrorOfTheClientEndsAPoller(boolean error) {
    listener.queue(SqsListenerConfig.of("q"));
    listener
        .sqs
        .faults()
        .next(
            Operation.RECEIVE,
            3,
            Fault.refuse(
                () -> {
                  if (error) {
                    throw new LinkageError("as told");
                  }
                  throw new ArithmeticException("as told");
                }));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(30));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.lane("q").credits.requested()).as("of the one under way").isEqualTo(10);
    assertThat(listener.snapshot("q").receivesUnderWay()).isOne();
  }

  @Test
  void aFailureIsLoggedOncePerKindAndNotPerTry() {
    FailureLog log = new FailureLog(listener.simulation);
    assertThat(log.isNew(new IllegalStateException("1"))).isTrue();
    assertThat(log.isNew(new IllegalStateException("2"))).isFalse();
    assertThat(log.isNew(new IllegalArgumentException("3"))).isTrue();
    assertThat(log.succeeded()).as("at once: it may come and go").isFalse();
    listener.simulation.runFor(Duration.ofMinutes(1));
    assertThat(log.succeeded()).isTrue();
    assertThat(log.succeeded()).isFalse();
    assertThat(log.isNew(new IllegalStateException("4"))).as("after it was over").isTrue();
    for (int i = 0; i < 1000; i++) {
      boolean unused = log.isNew("kind " + i);
    }
    assertThat(log.isNew("one more kind")).as("bounded").isFalse();
  }

  @Test
  void aListenersFailingPollsWriteOneLine() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.QueuePoller")) {
      listener.queue(SqsListenerConfig.of("q"));
      listener.sqs.faults().always(Operation.RECEIVE, Fault.internalError());
      listener.start().runFor(Duration.ofHours(24));
      assertThat(receives("q")).isGreaterThan(1000);
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0))
          .startsWith("WARN receive from q failed, tried again in ")
          .endsWith(" ms and until it succeeds; logged once for its kind");
      listener.sqs.faults().clear();
      listener.runFor(Duration.ofMinutes(3));
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(1)).startsWith("INFO receives from q succeed again");
    }
  }

  @Test
  void failuresThatComeAndGoWriteOneLine() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.QueuePoller")) {
      listener.queue(SqsListenerConfig.of("q"));
      listener.start();
      for (int i = 0; i < 1_000; i++) {
        listener.sqs.faults().always(Operation.RECEIVE, Fault.internalError());
        listener.runFor(Duration.ofSeconds(25));
        listener.sqs.faults().clear();
        listener.runFor(Duration.ofSeconds(25));
      }
      assertThat(log.lines()).hasSize(1);
    }
  }

  @Test
  void waitsDoubleWithUpToHalfOffUpToHalfAMinute() {
    for (int round = 0; round < 50; round++) {
      Backoff backoff = new Backoff();
      long now = -5;
      for (long full : List.of(500L, 1000L, 2000L, 4000L, 8000L, 16_000L, 30_000L, 30_000L)) {
        now++;
        Duration wait = backoff.failed(now, now);
        assertThat(wait).isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
        assertThat(backoff.holds(now)).isTrue();
        assertThat(backoff.holds(now + wait.toNanos())).isFalse();
      }
      assertThat(backoff.succeeded(now)).isEqualTo(8);
      assertThat(backoff.holds(now)).isFalse();
      assertThat(backoff.failed(now, now)).isLessThanOrEqualTo(Duration.ofMillis(500));
    }
  }

  @Test
  void receivesThatWereUnderWayTogetherFailTogetherAndCountOnce() {
    Backoff backoff = new Backoff();
    backoff.failed(0, 100);
    Duration left = backoff.failed(50, 110);
    assertThat(left).isLessThanOrEqualTo(Duration.ofMillis(500));
    assertThat(backoff.succeeded(90)).as("asked before the failure").isZero();
    assertThat(backoff.succeeded(200)).isOne();
  }

  @Test
  void waitsAreSpread() {
    assertThat(
            java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> new Backoff().failed(0, 0))
                .distinct()
                .count())
        .isGreaterThan(50);
  }
}
