"""Networks of Caffe (prototxt, without weights) as documents."""
