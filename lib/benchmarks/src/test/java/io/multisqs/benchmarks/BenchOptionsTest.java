package io.multisqs.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.multisqs.benchmarks.harness.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchOptionsTest {
  private final Map<String, Workload> all = Workloads.at(Pace.FULL);

  @Test
  void nothingSaidMeansEverythingInFullOnTheWireServer() {
    BenchOptions options = parse();
    assertThat(options.server()).isEqualTo(ServerKind.WIRE);
    assertThat(options.pace()).isEqualTo(Pace.FULL);
    assertThat(options.workloads()).isEmpty();
    assertThat(options.consumers()).isEmpty();
  }

  @Test
  void whatIsSaidIsTaken() {
    BenchOptions options =
        parse("--server", "elasticmq", "--pace", "quick", "--rounds", "2", "--workloads", "a,b");
    assertThat(options.server()).isEqualTo(ServerKind.ELASTICMQ);
    assertThat(options.pace().rounds()).isEqualTo(2);
    assertThat(options.pace().windowMillis()).isEqualTo(Pace.QUICK.windowMillis());
    assertThat(options.workloads()).containsExactly("a", "b");
  }

  @Test
  void mistakesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--server", "aws"))
        .withMessage("server must be wire or elasticmq, was aws");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--server"))
        .withMessage("--server needs a value");
    for (String rounds : new String[] {"0", "-1", "many", "1000000"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parse("--rounds", rounds))
          .withMessage("--rounds must be a whole number from 1 to 999999, was " + rounds);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--servers", "wire"))
        .withMessage("unknown argument: --servers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"steady", "fifty", "thousand", "growth", "idle"})
  void workloadThatNeedsTheWireServerIsRefusedOnAnother(String workload) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bench.of("--server", "elasticmq", "--workloads", workload))
        .withMessageStartingWith("workload " + workload + " needs the wire server: ");
  }

  @Test
  void theWireServerRunsEverything() {
    assertThat(all.values())
        .allSatisfy(w -> assertThat(ServerKind.WIRE.whatRunsOf(w)).containsSame(w));
  }

  @Test
  void anotherRunsWhatNeedsNoLatency() {
    assertThat(phasesOnElasticMq("ten")).containsExactly("warm-up", "noop-0", "stream-0");
    assertThat(phasesOnElasticMq("priority-1")).containsExactly("warm-up", "bursts-0");
    assertThat(phasesOnElasticMq("start")).isEmpty();
  }

  @Test
  void virtualThreadsAreMeasuredOnlyWhereTheJdkOfTheConsumersHasThem(@TempDir Path jdk)
      throws IOException {
    String java = jdk.resolve("bin").resolve("java").toString();
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"21.0.2\"\n");
    assertThat(Bench.of("--java", java, "--workloads", "thousand").chosen().get(0).consumers())
        .contains("multisqs", "multisqs-virtual", "raw-pool-virtual");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.9\"\n");
    assertThat(Bench.of("--java", java, "--workloads", "thousand").chosen().get(0).consumers())
        .contains("multisqs")
        .doesNotContain("multisqs-virtual", "raw-pool-virtual");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bench.of("--java", java, "--consumers", "multisqs-virtual"))
        .withMessage("multisqs-virtual needs a JDK of 21 or later, --java is 17.0.9");
  }

  @Test
  void aConsumerThatThereIsNotIsRefusedBeforeAnythingStarts() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bench.of("--consumers", "multisqs,sprint"))
        .withMessageStartingWith("no consumer sprint; there are [multisqs, ");
  }

  @Test
  void profilesAreOfPhasesThatLastAndNeedAJdkThatTakesThem(@TempDir Path jdk) throws IOException {
    String java = jdk.resolve("bin").resolve("java").toString();
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    String[] asked = {"--java", java, "--profile", "true", "--workloads", "steady,growth,start"};
    List<Workload> chosen = Bench.of(asked).chosen();
    assertThat(chosen).extracting(Workload::name).containsExactly("steady");
    assertThat(chosen.get(0).tables().get(0).columns())
        .extracting(Column::title)
        .contains("messages/s", "signing", "consumer's own");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"21.0.2\"\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bench.of(asked))
        .withMessage("--profile needs a JDK of 25 or later, --java is 21.0.2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--profile", "yes"))
        .withMessage("--profile must be true or false, was yes");
  }

  private List<String> phasesOnElasticMq(String workload) {
    Workload left = ServerKind.ELASTICMQ.whatRunsOf(all.get(workload)).orElseThrow();
    assertThat(left.tables()).isNotEmpty();
    return left.phases().stream().map(Phase::name).toList();
  }

  private static BenchOptions parse(String... args) {
    return BenchOptions.parse(args);
  }
}
