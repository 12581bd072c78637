package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where the listener's own client finds no region, no credentials, or nobody. */
@Tag("I17")
class I17OwnClientIT {
  private static List<String> refusals = List.of();

  @BeforeAll
  static void startListeners(@TempDir Path home) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
            "-XX:TieredStopAtLevel=1",
            "-Duser.home=" + home,
            "-Daws.disableEc2Metadata=true",
            "-cp",
            System.getProperty("java.class.path"),
            OwnClient.class.getName());
    builder.environment().clear();
    File output = home.resolve("output").toFile();
    Process process =
        builder.redirectOutput(output).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended within 120 s").isTrue();
    } finally {
      process.destroyForcibly();
    }
    refusals = java.nio.file.Files.readAllLines(output.toPath(), StandardCharsets.UTF_8);
    assertThat(refusals).as("one for each start").hasSize(4);
  }

  private static void assertRefused(int start, String region, String problem, String remedy) {
    String[] parts = refusals.get(start).split(" \\| ", -1);
    assertThat(parts).hasSize(4);
    assertThat(parts[0]).isEqualTo("orders");
    assertThat(parts[1]).isEqualTo(region);
    assertThat(parts[2]).contains(problem);
    assertThat(parts[3]).isEqualTo(remedy);
  }

  @Test
  void noRegion() {
    assertRefused(
        0,
        "no region",
        "Unable to load region",
        "set region on the listener's options or on the queue, or AWS_REGION");
  }

  @Test
  void noCredentials() {
    assertRefused(
        1,
        "eu-west-1",
        "Unable to load credentials",
        "give the process credentials that SQS takes, in the environment or on your client");
  }

  @Test
  void nobodyListens() {
    assertRefused(
        2,
        "eu-west-1",
        "Connection refused",
        "check the network, the region and the endpoint, then start again");
  }

  @Test
  void aRegionThatIsNone() {
    assertRefused(
        3,
        "no such region",
        "region",
        "set region on the listener's options or on the queue, or AWS_REGION");
  }
}
