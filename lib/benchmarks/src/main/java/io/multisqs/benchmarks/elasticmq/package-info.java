/**
 * ElasticMQ, a real SQS server, in a process of its own: a check on what is measured with the light
 * one. It is fed over its own API and counts nothing.
 */
@NullMarked
package io.multisqs.benchmarks.elasticmq;

import org.jspecify.annotations.NullMarked;
