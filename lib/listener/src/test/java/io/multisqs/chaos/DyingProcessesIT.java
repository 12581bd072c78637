package io.multisqs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The short form of {@link DyingProcesses}. */
@Tag("sized")
class DyingProcessesIT {

  @Test
  void nothingIsLostWhenProcessesAreKilledAndAskedToEnd() throws Exception {
    long seed = Seed.of(0);
    DyingProcesses.Report report =
        new DyingProcesses(
                Seed.LONG ? 2_000 : 800,
                Seed.LONG ? 3 : 2,
                Duration.ofSeconds(5),
                seed,
                Duration.ofMinutes(4))
            .run();
    System.out.println(report);
    assertThat(report.problems()).isEmpty();
    assertThat(report.killed()).isEqualTo(Seed.LONG ? 2 : 1);
  }
}
