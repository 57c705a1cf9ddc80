"""Batches: files of numbers that are uploaded, worked by whichever process is free, and fetched as results.

An upload is cut into segments of whole rows (`ingest`, `segments`), which lie in the store. Workers
(`workers`, `queue`) claim one each, look its numbers up, and store its records with their counts
(`segment_work`, `segment_lookup`); a worker that dies loses nothing, as its segment is claimed anew
(`reconciler`). Results are rendered out of the stored records when they are fetched (`rendered_results`).
What a batch is at stands in hashes of Redis: `batch` reads them, `state` changes them.
"""
