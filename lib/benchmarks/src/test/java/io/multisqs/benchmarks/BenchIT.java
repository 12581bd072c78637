package io.multisqs.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The bench as a command, in JVMs of its own, at a pace at which its figures mean nothing. */
@Tag("long")
class BenchIT {
  @Test
  void someWorkloadsOfTwoConsumersAreMeasuredAndReported(@TempDir Path folder) throws Exception {
    Bench.main(
        new String[] {
          "--pace", "smoke",
          "--workloads", "fifty,priority-10,growth,idle,start",
          "--consumers", "multisqs,raw-apache5",
          "--out", folder.toString()
        });
    assertThat(Files.readAllLines(folder.resolve("figures.txt")))
        .noneMatch(line -> line.contains("did not finish"))
        .anyMatch(line -> line.startsWith("1 fifty multisqs work-20 "))
        .anyMatch(line -> line.startsWith("1 priority-10 raw-apache5 bursts-15 "))
        .anyMatch(
            line -> line.matches("1 growth multisqs messages-1000-kib-1 .*\"handled\":1000,.*"))
        .anyMatch(line -> line.startsWith("1 idle raw-apache5 idle "))
        .anyMatch(line -> line.startsWith("1 start multisqs start "));
    assertThat(Files.readString(folder.resolve("results.md")))
        .contains("![20 ms handlers, 50 slots, 15 ms latency](fifty-work-20.svg)");
    assertThat(folder.resolve("fifty-work-20.svg")).isNotEmptyFile();
  }

  @Test
  void onElasticMqTheSameIsMeasuredAsFarAsItCanBe(@TempDir Path folder) throws Exception {
    Bench.main(
        new String[] {
          "--server", "elasticmq",
          "--pace", "smoke",
          "--workloads", "ten,priority-10,start",
          "--consumers", "multisqs",
          "--out", folder.toString()
        });
    assertThat(Files.readAllLines(folder.resolve("figures.txt")))
        .noneMatch(line -> line.contains("did not finish"))
        .noneMatch(line -> line.contains("requestsEach") || line.contains("inversions"))
        .noneMatch(line -> line.contains(" noop-15 "))
        .anyMatch(line -> line.startsWith("1 ten multisqs noop-0 "))
        .anyMatch(line -> line.startsWith("1 ten multisqs stream-0 "))
        .anyMatch(line -> line.startsWith("1 priority-10 multisqs bursts-0 "))
        .anyMatch(line -> line.startsWith("1 start multisqs start {\"firstMessageMillis\""));
    assertThat(Files.readString(folder.resolve("results.md")))
        .contains("server elasticmq", "| – |");
  }

  /** Profiles need JDK 25, on which the whole build runs as well, and Linux. */
  @Test
  @EnabledForJreRange(minVersion = 25)
  @EnabledOnOs(OS.LINUX)
  void aProfileSaysByLayerWhereTheCpuWent(@TempDir Path folder) throws Exception {
    Bench.main(
        new String[] {
          "--pace", "smoke",
          "--warm-up-seconds", "1",
          "--window-seconds", "1",
          "--profile", "true",
          "--workloads", "queues-1",
          "--consumers", "multisqs",
          "--out", folder.toString()
        });
    assertThat(Files.readAllLines(folder.resolve("figures.txt")))
        .noneMatch(line -> line.contains("did not finish"))
        .anyMatch(
            line ->
                line.matches("1 queues-1 multisqs noop-0 .*\"cpuMicrosEach.JSON\":[0-9.]*[1-9].*"))
        .anyMatch(
            line ->
                line.matches("1 queues-1 multisqs noop-0 .*\"cpuMicrosEach.SDK\":[0-9.]*[1-9].*"));
    assertThat(Files.readString(folder.resolve("results.md"))).contains("| rest of the SDK |");
  }
}
