package io.multisqs.broadcast;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * What time it is: by this machine's clock, and by the date that SQS's answers bear. Whoever leases
 * goes by the later, whoever sweeps by the earlier of the two, so that a clock that is wrong makes
 * queues live longer and never shorter. Safe for use by many threads.
 */
final class SqsTime {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** What is not worth telling: the date comes in whole seconds, and an answer takes a while. */
  private static final Duration TOLERATED = Duration.ofMinutes(1);

  private final InstantSource clock;
  private volatile Duration ahead = Duration.ZERO; // SQS of this machine
  private volatile boolean told;

  SqsTime(InstantSource clock) {
    this.clock = clock;
  }

  /** Takes the time from an answer, if that bears any. */
  <R extends SdkResponse> R saw(R response) {
    date(response)
        .ifPresent(
            date -> {
              ahead = Duration.between(clock.instant(), date);
              if (ahead.abs().compareTo(TOLERATED) > 0 && !told) {
                told = true;
                log.warn(
                    "this machine's clock differs from SQS's by {}: leases are written by the later"
                        + " and swept by the earlier of the two",
                    ahead.abs());
              }
            });
    return response;
  }

  private static Optional<Instant> date(SdkResponse response) {
    SdkHttpResponse http = response.sdkHttpResponse();
    if (http == null) {
      return Optional.empty();
    }
    try {
      return http.firstMatchingHeader("Date")
          .map(d -> ZonedDateTime.parse(d, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** By SQS's clock, where it has said. */
  Instant ofSqs() {
    return clock.instant().plus(ahead);
  }

  Instant earlier() {
    Duration now = ahead;
    return now.isNegative() ? clock.instant().plus(now) : clock.instant();
  }

  Instant later() {
    Duration now = ahead;
    return now.isNegative() ? clock.instant() : clock.instant().plus(now);
  }
}
