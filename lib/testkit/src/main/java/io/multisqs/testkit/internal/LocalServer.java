package io.multisqs.testkit.internal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.http.scaladsl.Http;
import org.elasticmq.NodeAddress;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import scala.concurrent.Await;
import scala.concurrent.Awaitable;
import scala.concurrent.duration.FiniteDuration;

/** ElasticMQ, started and stopped. */
public final class LocalServer {

  private static final FiniteDuration STOPS_WITHIN = FiniteDuration.apply(20, TimeUnit.SECONDS);

  // A long poll under way would hold a graceful stop for up to 20 s.
  private static final FiniteDuration REQUESTS_END_WITHIN =
      FiniteDuration.apply(50, TimeUnit.MILLISECONDS);

  private final ActorSystem actors;
  private final Http.ServerBinding binding;

  private LocalServer(ActorSystem actors, Http.ServerBinding binding) {
    this.actors = actors;
    this.binding = binding;
  }

  /** Starts a server on the loopback interface; port 0 takes any free one. */
  public static LocalServer start(int port, String region, String account, boolean loud) {
    if (!loud) {
      QuietLog.warningsOnly("org.elasticmq", "org.apache.pekko");
    }
    ActorSystem actors = ActorSystem.create("elasticmq", config(loud));
    try {
      Http.ServerBinding binding =
          SQSRestServerBuilder.withActorSystem(actors)
              .withInterface("127.0.0.1")
              .withPort(port)
              // Queue URLs then follow the address a request came to. A fixed address would be
              // known to the server only some time after the first request can reach it.
              .withServerAddress(new NodeAddress("http", "*", port, ""))
              .withAWSRegion(region)
              .withAWSAccountId(account)
              .start()
              .waitUntilStarted();
      return new LocalServer(actors, binding);
    } catch (RuntimeException e) {
      await(actors.terminate(), STOPS_WITHIN);
      throw new IllegalStateException("SQS server could not listen on port " + port, e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return binding.localAddress().getPort();
  }

  /** Ends the server and its threads. */
  public void stop() {
    try {
      await(binding.terminate(REQUESTS_END_WITHIN), STOPS_WITHIN);
    } finally {
      await(actors.terminate(), STOPS_WITHIN);
    }
  }

  private static Config config(boolean loud) {
    // From the libraries' defaults alone: an application.conf on a user's class path is theirs.
    return ConfigFactory.parseMap(
            Map.ofEntries(
                Map.entry("pekko.stdout-loglevel", "OFF"),
                Map.entry("pekko.loglevel", loud ? "DEBUG" : "WARNING"),
                Map.entry("pekko.loggers", List.of("org.apache.pekko.event.slf4j.Slf4jLogger")),
                Map.entry(
                    "pekko.logging-filter", "org.apache.pekko.event.slf4j.Slf4jLoggingFilter"),
                // A busy machine takes longer than the defaults of 20 s and 5 s, which fail a
                // start.
                Map.entry("pekko.actor.creation-timeout", "60 s"),
                Map.entry("pekko.logger-startup-timeout", "60 s"),
                Map.entry("pekko.log-dead-letters", 0),
                Map.entry("pekko.log-dead-letters-during-shutdown", "off"),
                Map.entry("pekko.daemonic", "on"),
                Map.entry("pekko.jvm-shutdown-hooks", "off"),
                Map.entry("pekko.coordinated-shutdown.run-by-jvm-shutdown-hook", "off"),
                // The longest poll is 20 s; the request must outlive it.
                Map.entry("pekko.http.server.request-timeout", "25 s"),
                Map.entry("pekko.http.server.parsing.illegal-header-warnings", "off"),
                Map.entry("pekko.http.server.parsing.max-uri-length", "256k")))
        .withFallback(ConfigFactory.defaultReference())
        .resolve();
  }

  private static <T> T await(Awaitable<T> awaited, FiniteDuration limit) {
    try {
      return Await.result(awaited, limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the SQS server stopped", e);
    } catch (Exception e) {
      throw new IllegalStateException("SQS server did not stop within " + limit, e);
    }
  }
}
