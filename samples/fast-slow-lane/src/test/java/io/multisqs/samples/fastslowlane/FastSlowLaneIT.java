package io.multisqs.samples.fastslowlane;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ReceivedMessage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FastSlowLaneIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final AtomicBoolean highWasHere = new AtomicBoolean();

  @Test
  void highPriorityMessageOvertakesTheLowOnesThatWait() {
    assertThat(run()).isZero();

    List<String> starts = out.toString().lines().filter(l -> l.startsWith("Starting")).toList();
    assertThat(starts).hasSize(6);
    assertThat(starts.get(0)).startsWith("Starting low priority, long job: Job #");
    assertThat(starts.get(1)).isEqualTo("Starting high priority, quick job: Priority message");
    assertThat(starts.subList(2, 6))
        .allMatch(line -> line.startsWith("Starting low priority, long job: Job #"));
    assertThat(out.toString()).contains("Account: received 6: handled 6, retried 0, released 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--low-seconds=-1   | --low-seconds must be 0 to 3600, was -1.0",
        "--low-seconds=NaN  | --low-seconds must be 0 to 3600, was NaN",
        "--low-seconds=soon | Invalid value for option '--low-seconds'",
        "--hihg=q           | Unknown option: '--hihg=q'",
        "--low=no blanks    | queue name must be",
        "--endpoint=host    | endpointOverride must be a URL with a host, was host",
      })
  void badOptionIsRefusedWithTheReason(String option, String reason) {
    assertThat(run(option)).isEqualTo(2);
    assertThat(err.toString()).contains(reason).contains("see --help");
    assertThat(out.toString()).isEmpty();
  }

  private int run(String... args) {
    return Main.commandLine((message, time) -> lastUntilHighIsHere(message))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(
            Stream.concat(VirtualThreads.option().stream(), Stream.of(args))
                .toArray(String[]::new));
  }

  /** The first job lasts until the high message waits, however slow the machine is. */
  private void lastUntilHighIsHere(ReceivedMessage message) throws InterruptedException {
    while (!highWasHere.get() && !message.shouldYield()) {
      Thread.sleep(2);
    }
    highWasHere.set(true);
  }
}
