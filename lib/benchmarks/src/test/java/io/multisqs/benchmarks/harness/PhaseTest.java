package io.multisqs.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PhaseTest {
  @Test
  void phaseIsReadAsItIsWritten() {
    Phase phase =
        Phase.of("far", Phase.Feed.BURSTS)
            .with("latencyMillis", "15")
            .with("jitterMillis", "1")
            .with("handlerMillis", "5")
            .with("settleMillis", "70")
            .with("windowMillis", "800")
            .with("bytes", "64")
            .with("count", "9");
    assertThat(Phase.parse(phase.toString())).isEqualTo(phase);
  }

  @Test
  void unknownSettingIsRefused() {
    assertThatThrownBy(() -> Phase.parse("x:pace=3"))
        .hasMessage("no such setting of a phase: pace");
  }

  @Test
  void figuresAreReadAsTheyAreWritten() {
    Figures figures = new Figures().put("a", 3).put("b.c", 0.25).put("none", Double.NaN);
    assertThat(figures).hasToString("{\"a\":3,\"b.c\":0.250000}");
    Figures read = Figures.parse("x " + figures);
    assertThat(read.get("a")).isEqualTo(3);
    assertThat(read.get("b.c")).isEqualTo(0.25);
    assertThat(read.get("none")).isNaN();
  }
}
