package io.multisqs.benchmarks.server;

import java.time.Duration;

/**
 * How a {@link WireSqs} runs.
 *
 * @param port the loopback port; 0 takes a free one
 * @param latency of a round trip, half of it before a request takes effect and half after
 * @param jitter by how much a round trip may be shorter or longer, evenly spread; at most the
 *     latency
 * @param recording whether it is kept when each message became visible, was handed out and deleted:
 *     24 bytes a message
 */
public record WireSqsOptions(int port, Duration latency, Duration jitter, boolean recording) {
  /** A free port, no latency, recording. */
  public static WireSqsOptions defaults() {
    return new WireSqsOptions(0, Duration.ZERO, Duration.ZERO, true);
  }

  /** The same with another latency. */
  public WireSqsOptions withLatency(Duration roundTrip) {
    return new WireSqsOptions(port, roundTrip, jitter, recording);
  }

  /** The same with another jitter. */
  public WireSqsOptions withJitter(Duration plusOrMinus) {
    return new WireSqsOptions(port, latency, plusOrMinus, recording);
  }

  /** The same with or without the journal of messages. */
  public WireSqsOptions withRecording(boolean on) {
    return new WireSqsOptions(port, latency, jitter, on);
  }

  /** The same on a given port. */
  public WireSqsOptions withPort(int number) {
    return new WireSqsOptions(number, latency, jitter, recording);
  }
}
