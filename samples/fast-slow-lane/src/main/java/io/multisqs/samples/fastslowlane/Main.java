package io.multisqs.samples.fastslowlane;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerStartException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: a scene on a server of its own, or a worker on real queues. */
@Command(
    name = "fast-slow-lane",
    header = "Two queues, one slot: urgent messages overtake bulk ones.",
    description = {
      "",
      "Without --endpoint, --region, --low or --high it starts an SQS server in this process, sends"
          + " five low jobs and one high one, shows their order and ends.",
      "With any of them it listens to real queues, with the credentials that the AWS SDK finds,"
          + " until it is stopped by SIGTERM or Ctrl-C.",
      ""
    })
final class Main implements Callable<Integer> {
  private static final double SCENE_LOW_SECONDS = 1;
  private static final double REAL_LOW_SECONDS = 5;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "an SQS server; default: AWS's in the region")
  @Nullable URI endpoint;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = "the queues' region; default: the one that the AWS SDK finds")
  @Nullable String region;

  @Option(
      names = "--low",
      paramLabel = "QUEUE",
      description = "name, URL or ARN; default: low-priority-queue")
  @Nullable String low;

  @Option(
      names = "--high",
      paramLabel = "QUEUE",
      description = "name, URL or ARN; default: high-priority-queue")
  @Nullable String high;

  @Option(
      names = "--low-seconds",
      paramLabel = "SECONDS",
      description =
          "how long a low job takes, 0 to 3600; default: 5, but 1 where the server is its own, so"
              + " that the whole run stays under 15 s")
  @Nullable Double lowSeconds;

  @Option(
      names = "--virtual-threads",
      description = "run jobs and receives on virtual threads; needs JDK 21 or later")
  boolean virtualThreads;

  @Option(names = "--help", usageHelp = true, description = "show this and end")
  boolean help;

  private final Work work;

  Main(Work work) {
    this.work = work;
  }

  public static void main(String[] args) {
    int status = commandLine(Work.SLEEP).execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  static CommandLine commandLine(Work work) {
    return new CommandLine(new Main(work))
        .setParameterExceptionHandler(Main::refused)
        .setExecutionExceptionHandler(Main::failed);
  }

  @Override
  public Integer call() throws Exception {
    if (endpoint == null && region == null && low == null && high == null) {
      PrintWriter out = spec.commandLine().getOut();
      Duration lowJob = lowJob(SCENE_LOW_SECONDS);
      out.println("Account: " + new Scene().play(options(), lowJob, work, out));
    } else {
      listen();
    }
    return 0;
  }

  private void listen() {
    // Says when it listens; and a SIGTERM leaves nobody but the log to say how it stopped.
    System.setProperty("org.slf4j.simpleLogger.log.io.multisqs", "info");
    FastSlowLane listener;
    try {
      ListenerOptions.Builder options = options().stopOnShutdown(true);
      if (endpoint != null) {
        options.endpointOverride(endpoint);
      }
      if (region != null) {
        options.region(region);
      }
      listener =
          new FastSlowLane(
              FastSlowLane.queues(
                  low == null ? "low-priority-queue" : low,
                  high == null ? "high-priority-queue" : high),
              options.build(),
              lowJob(REAL_LOW_SECONDS),
              work,
              spec.commandLine().getOut());
    } catch (IllegalArgumentException e) {
      throw bad("" + e.getMessage());
    }
    listener.listen();
  }

  private ListenerOptions.Builder options() {
    try {
      return ListenerOptions.builder().virtualThreads(virtualThreads);
    } catch (IllegalArgumentException e) {
      throw bad("" + e.getMessage());
    }
  }

  private Duration lowJob(double otherwise) {
    double seconds = lowSeconds == null ? otherwise : lowSeconds;
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw bad("--low-seconds must be 0 to 3600, was " + seconds);
    }
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private ParameterException bad(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private static int refused(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println(e.getMessage() + "; nothing was started, see --help");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** What can go wrong with real queues is said without a stack trace. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof ListenerStartException) {
      command.getErr().println(e.getMessage());
      return command.getCommandSpec().exitCodeOnExecutionException();
    }
    throw e;
  }
}
