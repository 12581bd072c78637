package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testlog.Lines;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A handler that calls {@code System.exit} waits for the stop, which must not wait for it. */
@Tag("I15")
class I15SystemExitIT {
  /** Far longer than the test waits: who waits for it fails. */
  private static final Duration STOP_TIMEOUT = Duration.ofHours(1);

  /** A daemon whose handler ends its JVM. */
  static final class Daemon {
    private Daemon() {}

    public static void main(String[] args) {
      Lines.add((logger, line) -> System.out.println(line));
      InMemorySqs sqs = new InMemorySqs();
      String url = sqs.createQueue("q");
      sqs.sendMessage(r -> r.queueUrl(url).messageBody("end"));
      ListenerOptions options =
          ListenerOptions.builder()
              .sqsClient(sqs)
              .region(InMemorySqs.REGION.id())
              .concurrency(Integer.parseInt(args[0]))
              .stopOnShutdown(true)
              .stopTimeout(STOP_TIMEOUT)
              .build();
      SqsListenerConfig q =
          SqsListenerConfig.builder("q").polling(Polling.longPoll(Duration.ofSeconds(1))).build();
      MultiSqsListener.of(List.of(q), options, (queue, bus, priority, message) -> System.exit(7))
          .listen();
    }
  }

  @ParameterizedTest(name = "{0} slots")
  @ValueSource(ints = {1, 3})
  void theJvmEnds(int slots, @TempDir Path folder) throws Exception {
    File output = folder.resolve("output").toFile();
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Daemon.class.getName(),
                Integer.toString(slots))
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output.toPath())).isEqualTo(7);
    assertThat(Files.readString(output.toPath()))
        .contains("the handler of q called System.exit on ", "its handler called System.exit");
  }
}
