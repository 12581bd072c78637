package io.multisqs.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.benchmarks.harness.Figures;
import io.multisqs.benchmarks.harness.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private final Table table = new Table("Title", "phase", List.of(Column.RATE, Column.REQUESTS));
  private final Workload workload =
      new Workload(
          "w", List.of("fast", "slow", "lost"), List.of("q"), 1, List.of(), List.of(table));
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

            No warm-up: a fresh JVM for each start.

            | consumer | messages/s | requests/message |
            |---|---:|---:|
            | fast | 2,000 (1,000–3,000) | 0.200 (0.200–0.250) |
            | slow | 10 | 0.200 |
            | absent, not run yet | – | – |

            """);
  }

  @Test
  void reportHasARowForEachThatWasAskedForAndNoOther(@TempDir Path folder) throws Exception {
    add("fast", 3000, 0.2);
    add("other", 1000, 0.2);
    BenchOptions options = BenchOptions.parse(new String[] {"--out", folder.toString()});
    results.add(workload, "lost", Map.of());
    Workload asked = workload.withConsumers(List.of("fast", "lost", "other"));
    new Report(options, Versions.on("0.9", "sqs-2.0.jar")).write(List.of(asked), results);
    assertThat(Files.readString(folder.resolve("results.md")))
        .containsSubsequence("| fast |", "| lost, did not finish |", "| other |")
        .doesNotContain("slow");
  }

  @Test
  void reportHasATableAndAChartInTheWorkloadsOrder(@TempDir Path folder) throws Exception {
    add("slow", 10, 0.2);
    add("fast", 3000, 0.2);
    results.add(workload, "lost", Map.of());
    BenchOptions options =
        BenchOptions.parse(new String[] {"--out", folder.toString(), "--heap", "99m"});
    new Report(options, Versions.on("0.9", "sqs-2.0.jar")).write(List.of(workload), results);
    String jdk = " cores, JDK " + options.javaVersion();
    assertThat(Files.readString(folder.resolve("results.md")))
        .containsSubsequence(
            jdk,
            System.getProperty("os.name"),
            "heap of each consumer 99m",
            "server wire",
            "multi-sqs-listener 0.9, sqs 2.0",
            "| fast |",
            "| slow |",
            "| lost, did not finish | – | – |",
            "![Title](w-phase.svg)");
    assertThat(Files.readString(folder.resolve("w-phase.svg")))
        .startsWith("<svg")
        .containsSubsequence(">Title<", ">fast<", ">slow<", ">lost<", jdk + "; sqs 2.0", "</svg>");
  }

  @Test
  void rowSaysHowManyRoundsFinishedAndWhatFellShort() {
    Table noted = new Table("Title", "phase", List.of(Column.RATE), List.of(), "A note.");
    Phase phase = Phase.of("phase", Phase.Feed.BURSTS);
    Workload bursts =
        new Workload(
            "b", List.of("part"), List.of("q"), 1, List.of(warmUp(), phase), List.of(noted));
    results.add(
        bursts,
        "part",
        Map.of(
            "phase",
            new Figures()
                .put("perSecond", 7)
                .put("bursts", 3)
                .put("burstsDone", 2)
                .put("drained", 0)));
    results.add(bursts, "part", Map.of());
    assertThat(Markdown.table(noted, bursts, results, List.of("part")))
        .isEqualTo(
            """
            ### Title

            Warm-up 12.5 s, settled 2 s, bursts 3.

            | consumer | messages/s |
            |---|---:|
            | part † §, 1 of 2 rounds | 7 |

            † not every burst was handled in time.

            § still at work on the phase before when this one began.

            A note.

            """);
    assertThat(BarChart.of(noted, bursts, results, List.of("part"), "the machine"))
        .containsSubsequence(
            ">part † §<",
            ">† not every burst was handled in time<",
            ">§ still at work on the phase before when this one began<",
            ">the machine<");
  }

  @Test
  void backlogThatWasNotDeletedFallsShort() {
    Figures done = new Figures().put("expected", 5).put("handled", 5).put("deleted", 5);
    Figures kept = new Figures().put("expected", 5).put("handled", 5).put("deleted", 4);
    Figures slow = new Figures().put("expected", 5).put("handled", 4).put("deleted", 5);
    assertThat(Shortfall.LEFT.in(List.of(done))).isFalse();
    assertThat(Shortfall.LEFT.in(List.of(done, kept))).isTrue();
    assertThat(Shortfall.LEFT.in(List.of(slow))).isTrue();
    assertThat(Shortfall.values()).noneMatch(s -> s.in(List.of(new Figures())));
  }

  @Test
  void idleQueuesAreMeasuredForLongerThanAPoll() {
    Phase idle = Workloads.at(Pace.FULL).get("idle-100").phases().get(1);
    assertThat(idle.settle()).hasSeconds(25);
    assertThat(idle.window()).hasSeconds(60);
  }

  @Test
  void everyWorkloadTellsItsOwnWarmUp() {
    Map<String, Workload> all = Workloads.at(Pace.FULL);
    assertThat(all.get("ten").manner("noop-0")).startsWith("Warm-up 60 s, ");
    assertThat(all.get("thousand").manner("work-20"))
        .isEqualTo("Warm-up 30 s, settled 2 s, window 5 s.");
    assertThat(all.get("idle").manner("idle"))
        .isEqualTo("Warm-up 60 s, settled 25 s, window 60 s.");
    assertThat(all.get("growth").manner("messages-1000-kib-1"))
        .isEqualTo("Warm-up 15 s, measured until the last message is handled.");
    assertThat(all.get("start").manner("start")).startsWith("No warm-up");
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

  private static Phase warmUp() {
    return Phase.of(Workload.WARM_UP, Phase.Feed.ENDLESS).with("windowMillis", "12500");
  }

  private void add(String consumer, double rate, double requests) {
    results.add(
        workload,
        consumer,
        Map.of("phase", new Figures().put("perSecond", rate).put("requestsEach", requests)));
  }
}
