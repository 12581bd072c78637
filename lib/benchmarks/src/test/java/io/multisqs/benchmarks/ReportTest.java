package io.multisqs.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.benchmarks.harness.Figures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private final Table table = new Table("Title", "phase", List.of(Column.RATE, Column.REQUESTS));
  private final Workload workload =
      new Workload("w", List.of("fast", "slow"), List.of("q"), 1, List.of(), List.of(table));
  private final Results results = new Results();

  @Test
  void rowsShowTheMedianAndTheSpreadOfTheRounds() {
    add("slow", 10, 0.2);
    add("fast", 3000, 0.2);
    add("fast", 1000, 0.2);
    add("fast", 2000, 0.25);
    assertThat(Markdown.table(table, workload, results, List.of("fast", "slow", "absent")))
        .isEqualTo(
            """
            ### Title

            | consumer | messages/s | requests/message |
            |---|---:|---:|
            | fast | 2,000 (1,000–3,000) | 0.200 (0.200–0.250) |
            | slow | 10 | 0.200 |
            | absent | – | – |

            """);
  }

  @Test
  void reportHasATableAndAChartInTheWorkloadsOrder(@TempDir Path folder) throws Exception {
    add("slow", 10, 0.2);
    add("fast", 3000, 0.2);
    new Report(folder, ServerKind.WIRE, Pace.SMOKE, "17").write(List.of(workload), results);
    assertThat(Files.readString(folder.resolve("results.md")))
        .containsSubsequence("JDK 17", "| fast |", "| slow |", "![Title](w-phase.svg)");
    assertThat(Files.readString(folder.resolve("w-phase.svg")))
        .startsWith("<svg")
        .containsSubsequence(">Title<", ">fast<", ">slow<", "</svg>");
  }

  @Test
  void everyWorkloadShowsOnlyPhasesThatItHas() {
    assertThat(Workloads.at(Pace.FULL).values())
        .allSatisfy(
            w ->
                assertThat(w.tables())
                    .isNotEmpty()
                    .allSatisfy(
                        t ->
                            assertThat(t.phase())
                                .isIn(
                                    w.phases().isEmpty()
                                        ? List.of("start")
                                        : w.phases().stream().map(p -> p.name()).toList())));
  }

  private void add(String consumer, double rate, double requests) {
    results.add(
        workload,
        consumer,
        Map.of("phase", new Figures().put("perSecond", rate).put("requestsEach", requests)));
  }
}
