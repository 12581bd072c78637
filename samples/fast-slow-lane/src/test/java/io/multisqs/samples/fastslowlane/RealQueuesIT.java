package io.multisqs.samples.fastslowlane;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.testkit.LocalSqs;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command as it is used with real queues: a process that works until SIGTERM. */
@Timeout(120)
final class RealQueuesIT {
  private static final String LOW = "bulk";
  private static final String HIGH = "urgent";

  private static final Pattern ACCOUNT =
      Pattern.compile("handled (\\d+), retried 0, released \\d+, .*, abandoned 0 .and 0 receives");

  private final List<String> output = new ArrayList<>();

  @Test
  void worksOffBothQueuesUntilSigtermAndEndsWithTheAccount() throws Exception {
    try (LocalSqs sqs = LocalSqs.start()) {
      String low = sqs.createQueue(LOW);
      String high = sqs.createQueue(HIGH);
      Process process =
          start(
              "--endpoint=" + sqs.endpoint(),
              "--region=" + LocalSqs.REGION.id(),
              "--low=" + LOW,
              "--high=" + HIGH,
              "--low-seconds=0.1");
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        readUntil(out, "listens with ");
        send(sqs, low, "Report");
        readUntil(out, "Ended low priority job: Report");
        send(sqs, high, "Order");
        readUntil(out, "Ended high priority job: Order");
        process.toHandle().destroy(); // SIGTERM, and what it still prints can be read
        // Whether they come too late or not: each is handled, or to be had by others.
        send(sqs, low, "Late report");
        send(sqs, high, "Late order");
        readUntil(out, "stopped: received ");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("SIGTERM").isEqualTo(128 + 15);
      } finally {
        process.destroyForcibly();
      }
      Matcher account = ACCOUNT.matcher(output.get(output.size() - 1));
      assertThat(account.find()).as(output.toString()).isTrue();
      int handled = Integer.parseInt(account.group(1));
      assertThat(handled).isBetween(2, 4);
      assertThat(left(sqs, low) + left(sqs, high)).isEqualTo(4 - handled);
    }
  }

  @Test
  void aQueueThatIsMissingIsNamedAndTheStatusSaysSo() throws Exception {
    try (LocalSqs sqs = LocalSqs.start()) {
      sqs.createQueue(LOW);
      Process process =
          start("--endpoint=" + sqs.endpoint(), "--region=us-east-1", "--low=" + LOW, "--high=no");
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        readUntil(out, "queue no in us-east-1: does not exist");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isOne();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static Process start(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(VirtualThreads.option());
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("AWS_ACCESS_KEY_ID", "none", "AWS_SECRET_ACCESS_KEY", "none"));
    return builder.start();
  }

  private void readUntil(BufferedReader out, String part) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      output.add(line);
      if (line.contains(part)) {
        return;
      }
    }
    throw new AssertionError("no \"" + part + "\" in " + String.join("\n", output));
  }

  private static void send(LocalSqs sqs, String queueUrl, String body) {
    sqs.client().sendMessage(r -> r.queueUrl(queueUrl).messageBody(body));
  }

  private static int left(LocalSqs sqs, String url) {
    return sqs
        .client()
        .getQueueAttributes(
            r ->
                r.queueUrl(url)
                    .attributeNamesWithStrings(
                        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }
}
