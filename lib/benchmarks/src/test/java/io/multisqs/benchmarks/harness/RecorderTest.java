package io.multisqs.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import org.junit.jupiter.api.Test;

class RecorderTest {
  private final Recorder recorder = new Recorder(100, 2);

  @Test
  void notesHoldTheLaneAndBothTimesWhileNotingIsOn() throws InterruptedException {
    recorder.handle(0, "1 before");
    long before = System.nanoTime();
    recorder.note(true);
    recorder.handle(99, "9000000000001 x");
    recorder.handle(3, "none");
    recorder.note(false);
    recorder.handle(0, "2 after");
    Recorder.Start[] starts = recorder.starts();
    assertThat(starts)
        .extracting(Recorder.Start::lane, Recorder.Start::visibleAt)
        .containsExactly(tuple(99, 9_000_000_000_001L), tuple(3, 0L));
    assertThat(starts[0].startedAt() - before).isNotNegative();
    assertThat(starts[1].startedAt() - starts[0].startedAt()).isNotNegative();
    assertThat(recorder.handled()).isEqualTo(4);
    assertThat(recorder.handledInLastLane()).isEqualTo(1);
  }

  @Test
  void whatHasNoRoomIsNotNotedAndTheNextNotingBeginsAnew() throws InterruptedException {
    recorder.note(true);
    for (int i = 0; i < 3; i++) {
      recorder.handle(i, "7 x");
    }
    assertThat(recorder.starts()).hasSize(2);
    recorder.note(true);
    recorder.handle(5, "8 x");
    assertThat(recorder.starts()).extracting(Recorder.Start::lane).containsExactly(5);
  }

  @Test
  void workIsCountedAsLongAsItReallyTook() throws InterruptedException {
    recorder.handle(0, "1 takes no time");
    assertThat(recorder.workedNanos()).isZero();
    recorder.handlerTakes(2_000_000);
    long before = System.nanoTime();
    recorder.handle(0, "2 takes 2 ms");
    recorder.handle(0, "3 takes 2 ms");
    assertThat(recorder.workedNanos()).isBetween(4_000_000L, System.nanoTime() - before);
  }
}
