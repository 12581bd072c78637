package io.multisqs.internal;

import java.util.OptionalInt;
import software.amazon.awssdk.http.HttpMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;

/**
 * Hears from the SDK's metrics of a call how many connections its HTTP client may have at once,
 * which no client tells when asked. Used by one thread.
 */
final class ConnectionLimit implements MetricPublisher {
  private int limit;

  @Override
  public void publish(MetricCollection metrics) {
    metrics.metricValues(HttpMetric.MAX_CONCURRENCY).forEach(max -> limit = max);
    metrics.children().forEach(this::publish);
  }

  /** The limit, or empty if the HTTP client has none or does not tell. */
  OptionalInt limit() {
    return limit > 0 ? OptionalInt.of(limit) : OptionalInt.empty();
  }

  @Override
  public void close() {}
}
