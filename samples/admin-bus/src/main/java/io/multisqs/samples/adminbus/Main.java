package io.multisqs.samples.adminbus;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerStartException;
import io.multisqs.StopAccount;
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
    name = "admin-bus",
    header = "Commands that act at once while long jobs hold all other slots.",
    description = {
      "",
      "Without --endpoint, --region, --low, --high or --admin it starts an SQS server in this process,"
          + " sends jobs and commands, shows what happens when, and ends.",
      "With any of them it listens to real queues, with the credentials that the AWS SDK finds,"
          + " until it is stopped by SIGTERM or Ctrl-C. Commands are the bodies of messages to the"
          + " admin queue: pause, resume, reload, status.",
      ""
    })
final class Main implements Callable<Integer> {
  private static final double SCENE_LOW_SECONDS = 2;
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

  @Option(names = "--low", paramLabel = "QUEUE", description = "name, URL or ARN; default: reports")
  @Nullable String low;

  @Option(names = "--high", paramLabel = "QUEUE", description = "name, URL or ARN; default: orders")
  @Nullable String high;

  @Option(names = "--admin", paramLabel = "QUEUE", description = "name, URL or ARN; default: admin")
  @Nullable String admin;

  @Option(
      names = "--low-seconds",
      paramLabel = "SECONDS",
      description =
          "how long a low job takes, 0 to 3600; default: 5, but 2 where the server is its own, so"
              + " that the whole run stays under 15 s")
  @Nullable Double lowSeconds;

  @Option(
      names = "--virtual-threads",
      description = "run jobs and receives on virtual threads; needs JDK 21 or later")
  boolean virtualThreads;

  @Option(names = "--help", usageHelp = true, description = "show this and end")
  boolean help;

  private final Work work;
  private long began; // guarded by this

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
    if (endpoint == null && region == null && low == null && high == null && admin == null) {
      StopAccount account = new Scene().play(options(), lowJob(SCENE_LOW_SECONDS), work, this::say);
      spec.commandLine().getOut().println("Account: " + account);
    } else {
      listen();
    }
    return 0;
  }

  private void listen() {
    // Says when it listens; and a SIGTERM leaves nobody but the log to say how it stopped.
    System.setProperty("org.slf4j.simpleLogger.log.io.multisqs", "info");
    AdminBus listener;
    try {
      ListenerOptions.Builder options = options().stopOnShutdown(true);
      if (endpoint != null) {
        options.endpointOverride(endpoint);
      }
      if (region != null) {
        options.region(region);
      }
      listener =
          new AdminBus(
              AdminBus.queues(
                  low == null ? "reports" : low,
                  high == null ? "orders" : high,
                  admin == null ? "admin" : admin),
              options.build(),
              lowJob(REAL_LOW_SECONDS),
              work,
              this::say);
    } catch (IllegalArgumentException e) {
      throw bad("" + e.getMessage());
    }
    listener.listen();
  }

  /** One line at a time, with the seconds since the first. */
  private synchronized void say(String line) {
    long now = System.nanoTime();
    began = began == 0 ? now : began;
    spec.commandLine().getOut().printf("%6.2f s  %s%n", (now - began) / 1e9, line);
  }

  private ListenerOptions.Builder options() {
    try {
      return AdminBus.options().virtualThreads(virtualThreads);
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
